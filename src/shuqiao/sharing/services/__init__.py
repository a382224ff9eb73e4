"""Steps on requests. The only code that writes them.

`asking` is the requester's side, `answering` the provider's, `extending` the provider's and the bureau's; `joint` is
several entries in one application, `delivering` what follows a yes, `renewing` what follows a grant.
"""

from shuqiao.sharing.services.answering import approve_request, ask_supplement, refuse_request
from shuqiao.sharing.services.asking import (
    Draft,
    create_draft,
    save_draft,
    submit_request,
    supplement_request,
    use_unconditional,
    withdraw_request,
)
from shuqiao.sharing.services.delivering import confirm_delivery, remind_provider
from shuqiao.sharing.services.extending import ask_extension, consent_extension, deny_extension
from shuqiao.sharing.services.joint import (
    Common,
    add_part,
    check_joint,
    remove_part,
    save_joint,
    save_part,
    submit_joint,
    withdraw_joint,
)
from shuqiao.sharing.services.lapsing import lapse_request, tell_of_withdrawn_entries
from shuqiao.sharing.services.renewing import renew_request
from shuqiao.sharing.services.waiting import tell_of_last_days

__all__ = [
    "Common",
    "Draft",
    "add_part",
    "approve_request",
    "ask_extension",
    "ask_supplement",
    "check_joint",
    "confirm_delivery",
    "consent_extension",
    "create_draft",
    "deny_extension",
    "lapse_request",
    "refuse_request",
    "remind_provider",
    "remove_part",
    "renew_request",
    "save_draft",
    "save_joint",
    "save_part",
    "submit_joint",
    "submit_request",
    "supplement_request",
    "tell_of_last_days",
    "tell_of_withdrawn_entries",
    "use_unconditional",
    "withdraw_joint",
    "withdraw_request",
]
