"""Steps of applications from outside government: ask, consult, answer, sign, end."""

from shuqiao.sharing.outside.answering import (
    agree_outside,
    ask_supplement,
    consult_provider,
    refuse_outside,
    say_consent,
)
from shuqiao.sharing.outside.asking import submit_outside, supplement_outside, withdraw_outside
from shuqiao.sharing.outside.signing import confirm_agreement, end_outside, revoke_outside

__all__ = [
    "agree_outside",
    "ask_supplement",
    "confirm_agreement",
    "consult_provider",
    "end_outside",
    "refuse_outside",
    "revoke_outside",
    "say_consent",
    "submit_outside",
    "supplement_outside",
    "withdraw_outside",
]
