"""Steps on grants and keys."""

from shuqiao.delivery.asking import ask_who_read
from shuqiao.delivery.keys import bind_key, issue_key, revoke_key, rotate_key
from shuqiao.delivery.services.changing import change_grant
from shuqiao.delivery.services.filing import file_stop, withdraw_filing
from shuqiao.delivery.services.issuing import issue_grant
from shuqiao.delivery.services.renewing import renew_grant
from shuqiao.delivery.services.stopping import end_grant, resume_grant, suspend_grant
from shuqiao.delivery.types import IssuedKey

__all__ = [
    "IssuedKey",
    "ask_who_read",
    "bind_key",
    "change_grant",
    "end_grant",
    "file_stop",
    "issue_grant",
    "issue_key",
    "renew_grant",
    "resume_grant",
    "revoke_key",
    "rotate_key",
    "suspend_grant",
    "withdraw_filing",
]
