"""Steps on requests. The only code that writes them.

`asking` is the requester's side, `answering` the provider's, `extending` the provider's and the bureau's.
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
from shuqiao.sharing.services.extending import ask_extension, consent_extension, deny_extension

__all__ = [
    "Draft",
    "approve_request",
    "ask_extension",
    "ask_supplement",
    "consent_extension",
    "create_draft",
    "deny_extension",
    "refuse_request",
    "save_draft",
    "submit_request",
    "supplement_request",
    "use_unconditional",
    "withdraw_request",
]
