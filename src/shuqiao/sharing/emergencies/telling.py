"""What one may do next with an emergency, with the rule's word on it."""

from __future__ import annotations

from datetime import date

from shuqiao.accounts.types import Actor
from shuqiao.kernel.decision import allow
from shuqiao.sharing.emergencies import queries, rules
from shuqiao.sharing.emergencies.queries import DECLARE
from shuqiao.sharing.emergencies.types import EMERGENCY_MOVES, EmergencyStatus
from shuqiao.sharing.models import SharingEmergency
from shuqiao.sharing.nexts import Act


def acts_for(actor: Actor, emergency: SharingEmergency, on: date) -> list[Act]:
    """What the actor may do next."""
    if not actor.may(DECLARE, division=emergency.division_id):
        return []
    regime = queries.regime_for(emergency, on)
    follows = EMERGENCY_MOVES[EmergencyStatus(emergency.status)]
    found = []
    if emergency.status == EmergencyStatus.RUNNING and on <= emergency.until:
        yes = allow(rules.RULE, "即时开通，应急结束即停止", *rules.articles(regime))
        found.append(Act("share", "应急开通", yes))
    if EmergencyStatus.ENDED in follows:
        found.append(Act("end", "结束应急共享", rules.may_end("写明为什么结束", regime)))
    if EmergencyStatus.REVIEWED in follows:
        found.append(Act("review", "事后审查", rules.may_review("写明审查结论", regime)))
    return found
