"""Steps on resources and versions: mount, receive, confirm, build, submit, publish, return."""

from shuqiao.resources.services.building import (
    Claim,
    LostClaim,
    claim_version,
    fail_build,
    finish_build,
    give_up_exhausted,
    renew_claim,
    save_preview,
)
from shuqiao.resources.services.confirming import confirm_recipe, reread_upload
from shuqiao.resources.services.mounting import discard_version, mount_resource, receive_upload
from shuqiao.resources.services.reviewing import (
    PersonalChoice,
    publish_version,
    return_version,
    submit_version,
)

__all__ = [
    "Claim",
    "LostClaim",
    "PersonalChoice",
    "claim_version",
    "confirm_recipe",
    "discard_version",
    "fail_build",
    "finish_build",
    "give_up_exhausted",
    "mount_resource",
    "publish_version",
    "receive_upload",
    "renew_claim",
    "reread_upload",
    "return_version",
    "save_preview",
    "submit_version",
]
