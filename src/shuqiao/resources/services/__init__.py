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
from shuqiao.resources.services.confirming import accept_recipe, confirm_recipe, reread_upload
from shuqiao.resources.services.mounting import discard_version, mount_resource, receive_upload
from shuqiao.resources.services.reviewing import (
    PersonalChoice,
    publish_version,
    return_version,
    submit_version,
)
from shuqiao.resources.services.transferring import (
    DiskFull,
    Piece,
    PieceDamaged,
    TransferHeld,
    TransferOver,
    WrongOffset,
    begin_transfer,
    end_transfer,
    expire_transfers,
    finish_complete_transfers,
    finish_transfer,
    receive_piece,
)

__all__ = [
    "Claim",
    "DiskFull",
    "LostClaim",
    "PersonalChoice",
    "Piece",
    "PieceDamaged",
    "TransferHeld",
    "TransferOver",
    "WrongOffset",
    "accept_recipe",
    "begin_transfer",
    "claim_version",
    "confirm_recipe",
    "discard_version",
    "end_transfer",
    "expire_transfers",
    "fail_build",
    "finish_build",
    "finish_complete_transfers",
    "finish_transfer",
    "give_up_exhausted",
    "mount_resource",
    "publish_version",
    "receive_piece",
    "receive_upload",
    "renew_claim",
    "reread_upload",
    "return_version",
    "save_preview",
    "submit_version",
]
