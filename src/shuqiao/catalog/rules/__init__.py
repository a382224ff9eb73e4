"""What the texts ask of a catalogue entry. Pure: content and regime in, `Decision` out."""

from __future__ import annotations

from collections.abc import Iterable

from shuqiao import law
from shuqiao.catalog.rules.elements import (
    metadata_complete,
    missing_for_sign_off,
    missing_metadata,
    no_secret,
    signed_off,
)
from shuqiao.catalog.rules.facts import Missing, RevisionFacts
from shuqiao.catalog.rules.opening import (
    missing_for_opening,
    not_shared_is_not_open,
    opening_has_basis,
    opening_not_wider,
)
from shuqiao.catalog.rules.sharing import (
    base_items_unconditional,
    conditional_has_basis,
    not_shared_has_basis,
)
from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import allow, refuse

BUREAU_REVIEW = "catalog.bureau_review"
CHECKS = (
    no_secret,
    metadata_complete,
    not_shared_has_basis,
    conditional_has_basis,
    base_items_unconditional,
    opening_has_basis,
    opening_not_wider,
    not_shared_is_not_open,
    signed_off,
)


def checks(facts: RevisionFacts, regime: law.Regime) -> tuple[Decision, ...]:
    """Every rule's own answer, for the pages that show them side by side."""
    return tuple(check(facts, regime) for check in CHECKS)


def may_submit(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """The revision may go to the bureau. A no carries all that is wrong at once."""
    return together(checks(facts, regime))


def may_publish(facts: RevisionFacts, regime: law.Regime) -> Decision:
    """The bureau may publish: everything still holds on the day of publication (Yingkou 11, Decree 16).

    The regime is that of this day: a basis that sufficed when it was submitted may no longer do.
    """
    return together(checks(facts, regime))


def together(decisions: Iterable[Decision]) -> Decision:
    """One decision of several: yes when all say yes, else a no with every reason and all their articles."""
    answers = tuple(decisions)
    noes = [one for one in answers if not one.allowed]
    if not noes:
        return allow(answers[-1].rule, "目录要求均已满足", *_distinct(answers))
    return refuse(noes[0].rule, "；".join(one.reason for one in noes), *_distinct(noes))


def _distinct(decisions: Iterable[Decision]) -> tuple[Article, ...]:
    return tuple(dict.fromkeys(article for one in decisions for article in one.basis))


def review_articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles under which the bureau reviews the catalogue, also of texts that set no days for it."""
    rule = regime.rule(BUREAU_REVIEW)
    said = (pack.terms["catalog.review"].article for pack in regime.packs)
    return tuple(dict.fromkeys([*(rule.basis if rule else ()), *(article for article in said if article)]))


def returned(reasons: str, regime: law.Regime) -> Decision:
    """The bureau's no to a revision, for its reasons (Yingkou 11, Decree 16)."""
    return refuse(BUREAU_REVIEW, reasons, *review_articles(regime))


def sign_off_articles(regime: law.Regime) -> tuple[Article, ...]:
    """The articles that want assessments and the head's consent before submitting."""
    rule = regime.rule("catalog.sign_off")
    return rule.basis if rule else ()


__all__ = [
    "CHECKS",
    "Missing",
    "RevisionFacts",
    "base_items_unconditional",
    "checks",
    "conditional_has_basis",
    "may_publish",
    "may_submit",
    "metadata_complete",
    "missing_for_opening",
    "missing_for_sign_off",
    "missing_metadata",
    "no_secret",
    "not_shared_has_basis",
    "not_shared_is_not_open",
    "opening_has_basis",
    "opening_not_wider",
    "returned",
    "review_articles",
    "sign_off_articles",
    "signed_off",
    "together",
]
