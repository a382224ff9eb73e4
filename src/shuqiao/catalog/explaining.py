"""What the rules say of a content while it is being written, put at the fields it is about. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from shuqiao import law
from shuqiao.catalog import checking, rules
from shuqiao.catalog.types import RevisionContent
from shuqiao.kernel import Article, Decision

# The fields in which each element the texts may demand is written; the first is where it is said.
NEED_FIELDS: dict[str, str] = {
    "name": "title",
    "classification": "classification",
    "summary": "summary",
    "format": "format_type",
    "data_items": "items",
    "update_cycle": "update_cycle",
    "sharing_type": "sharing_type",
    "sharing_method": "method_type",
    "use_conditions": "sharing_condition",
    "open_type": "opening_type",
    "opening_method": "opening_method",
    "opening_condition": "opening_condition",
    "contact": "contact_name",
    "grading": "grade",
}
RULE_FIELDS: dict[str, str] = {
    "catalog.none.basis": "sharing_basis",
    "catalog.conditional.basis": "sharing_basis",
    "catalog.secret.refused": "secrecy_mark",
    "catalog.base_items.unconditional": "items",
    "opening.basis.public": "opening_basis",
}
SIGN_FIELDS = {
    "secrecy_assessment": "secrecy_assessed",
    "personal_information_assessment": "personal_information_assessed",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said at a field. `blocks_saving`: it can be no row; otherwise it only must be right for submitting."""

    what: str
    basis: tuple[Article, ...] = ()
    blocks_saving: bool = False


def said_of(content: RevisionContent, regime: law.Regime, codes: Collection[str]) -> dict[str, list[Said]]:
    """Everything there is to say, by field; `items` for the data items as a whole. A field that is all right has no
    key. `codes`: the classes the division keeps. The department head's signature is not asked for while the text is
    being written."""
    found: dict[str, list[Said]] = defaultdict(list)
    content = checking.tidied(content)
    for problem in checking.refused(content, codes):
        found[_field(problem.where)].append(Said(problem.what, blocks_saving=True))
    for finding in checking.reviewed(content):
        if finding.column not in checking.LINKED:
            found[finding.column].append(Said(finding.what))
    facts = rules.RevisionFacts(content, consented=True)
    for need, label, basis in rules.missing_metadata(content, regime):
        field = NEED_FIELDS.get(need, "title")
        if not any(one.blocks_saving for one in found[field]):
            found[field].append(Said(f"报送前须填：{label}", basis))
    for need, label, basis in rules.missing_for_sign_off(facts, regime):
        found[SIGN_FIELDS.get(need, "secrecy_mark")].append(Said(f"报送前须完成：{label}", basis))
    for decision in rules.checks(facts, regime):
        if not decision.allowed and decision.rule in RULE_FIELDS:
            found[RULE_FIELDS[decision.rule]].append(_from(decision))
    return {field: said for field, said in found.items() if said}


def _from(decision: Decision) -> Said:
    return Said(decision.reason, decision.basis)


def _field(where: str) -> str:
    return "items" if where.startswith("items") else where
