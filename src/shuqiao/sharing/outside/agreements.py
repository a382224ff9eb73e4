"""Drawing up the agreement of a yes. The text of a version never changes; a new wording is a new file."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

from shuqiao import law
from shuqiao.catalog import queries as catalog
from shuqiao.delivery.types import Mode
from shuqiao.journal.sm3 import sm3
from shuqiao.kernel.time import in_chinese
from shuqiao.sharing.models import OutsideAgreement, OutsideRequest
from shuqiao.sharing.types import Scope
from shuqiao.store import Mask

TEMPLATE = "outside-use-1"


def text_of(template: str) -> str:
    """The wording of one version."""
    return (files("shuqiao.sharing.outside") / "texts" / f"{template}.txt").read_text(encoding="utf-8")


def draw_up(case: OutsideRequest, given: Scope, on: date) -> OutsideAgreement:
    """The agreement of a yes: part of the answer's transaction."""
    decision = case.decision()
    labels = {one["name"]: one["item"] for one in case.items}
    basis = law.article_titles(decision.basis) if decision else ""
    shown = [(name, mask) for name, mask in given.items if mask != Mask.DROP]
    text = text_of(TEMPLATE).format(
        number=case.number,
        bureau=case.bureau.name,
        provider=case.provider.name,
        party=case.party.name,
        credit_code=case.party.credit_code,
        title=case.title,
        code=catalog.facts_of(case.entry_id).code,
        items="、".join(_item(labels.get(name, name), mask) for name, mask in shown),
        modes="、".join(Mode(mode).label for mode in given.modes),
        purpose=case.purpose,
        scenario=case.scenario,
        valid_until=in_chinese(given.valid_until),
        conditions=case.conditions or "无其他条件。",
        safeguards=case.safeguards,
        template=TEMPLATE,
        basis=basis or "平台规则",
    )
    return OutsideAgreement.objects.create(
        request=case, template=TEMPLATE, text=text, digest=sm3(text.encode()).hex(), made_on=on
    )


def _item(label: str, mask: str) -> str:
    return label if mask == Mask.NONE else f"{label}（{Mask(mask).label}）"
