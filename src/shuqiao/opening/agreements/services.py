"""Drawing up the agreement of an application. The text of a version never changes; a new wording is a new file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib.resources import files

from shuqiao import law
from shuqiao.catalog import queries as catalog
from shuqiao.journal.sm3 import sm3
from shuqiao.kernel.time import in_chinese
from shuqiao.opening.applications.types import Given, Purpose
from shuqiao.opening.models import OpenAgreement, OpenApplication
from shuqiao.resources import conditions
from shuqiao.store import Mask

TEMPLATE = "open-data-1"


def text_of(template: str) -> str:
    """The wording of one version."""
    return (files("shuqiao.opening.agreements") / "texts" / f"{template}.txt").read_text(encoding="utf-8")


def draw_up(application: OpenApplication, given: Given, on: date) -> OpenAgreement:
    """The agreement of a yes: part of the answer's transaction."""
    party, decision = application.party, application.decision()
    labels = {one["name"]: one["item"] for one in application.items}
    basis = law.article_titles(decision.basis) if decision else ""
    text = text_of(TEMPLATE).format(
        number=application.number,
        provider=application.provider.name,
        party=party.name,
        credit_code=f"（统一社会信用代码 {party.credit_code}）" if party.credit_code else "",
        title=application.title,
        code=catalog.facts_of(application.entry_id).code,
        items="、".join(_item(labels.get(name, name), mask) for name, mask in given.items),
        purpose=application.purpose,
        purpose_kind=Purpose(application.purpose_kind).label,
        scenario=application.scenario,
        public_benefit="利用方承诺仅用于科研教育等公益性活动。\n" if application.public_benefit else "",
        valid_until=in_chinese(given.valid_until),
        conditions=_conditions(given, labels),
        safeguards=application.safeguards,
        months=given.follow_up_months,
        template=TEMPLATE,
        basis=basis or "平台规则",
    )
    return OpenAgreement.objects.create(
        application=application, template=TEMPLATE, text=text, digest=sm3(text.encode()).hex(), made_on=on
    )


def _conditions(given: Given, labels: Mapping[str, str]) -> str:
    """The conditions, and of which rows the data is given."""
    rows = conditions.in_words(given.where, labels)
    said = [f"仅限符合以下条件的记录：{rows}。" if rows else "", given.conditions]
    return "\n".join(one for one in said if one) or "无其他条件。"


def _item(label: str, mask: str) -> str:
    return label if mask == Mask.NONE else f"{label}（{Mask(mask).label}）"
