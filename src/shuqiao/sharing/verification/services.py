"""Steps of a verification. The only code that writes them.

`asking` is the user department's side, `answering` the provider's, `correcting` the platform's when a corrected version
is published.
"""

from shuqiao.sharing.verification.answering import (
    accept_verification,
    confirm_verification,
    reject_verification,
    restate_correction,
)
from shuqiao.sharing.verification.asking import (
    ask_verification,
    erase_citizen,
    look_up_rows,
    record_served,
    withdraw_verification,
)

__all__ = [
    "accept_verification",
    "ask_verification",
    "confirm_verification",
    "erase_citizen",
    "look_up_rows",
    "record_served",
    "reject_verification",
    "restate_correction",
    "withdraw_verification",
]
