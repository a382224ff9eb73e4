"""Steps of open applications: ask, answer, sign, follow up, revoke."""

from shuqiao.opening.applications.services.answering import (
    agree_application,
    ask_supplement,
    refuse_application,
)
from shuqiao.opening.applications.services.asking import (
    submit_application,
    supplement_application,
    withdraw_application,
)
from shuqiao.opening.applications.services.competing import record_competition
from shuqiao.opening.applications.services.following import (
    ask_for_use,
    end_application,
    mark_use_seen,
    report_use,
    revoke_application,
)
from shuqiao.opening.applications.services.lapsing import lapse_application, tell_of_withdrawn_entries
from shuqiao.opening.applications.services.signing import confirm_agreement

__all__ = [
    "agree_application",
    "ask_for_use",
    "ask_supplement",
    "confirm_agreement",
    "end_application",
    "lapse_application",
    "mark_use_seen",
    "record_competition",
    "refuse_application",
    "report_use",
    "revoke_application",
    "submit_application",
    "supplement_application",
    "tell_of_withdrawn_entries",
    "withdraw_application",
]
