"""What the provider found, held against the versions: the right value is of the column's type and not yet there, and
the version since which the wrong one stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from shuqiao import law
from shuqiao.kernel import InvalidInput, Problem
from shuqiao.resources import queries as resources
from shuqiao.sharing.models import Verification, VerificationField
from shuqiao.sharing.verification import queries, rows
from shuqiao.sharing.verification.types import AcceptFacts, Finding, Outcome


def due_of(resolved: law.ResolvedTerm | None, asked_on: date) -> date | None:
    """The last day for the correction, counted from the day the verification was received; None where no text sets
    one."""
    return law.default_calendar().due_on(asked_on, resolved.days).on if resolved else None


def without_due(facts: AcceptFacts) -> AcceptFacts:
    """Who answers after the last day cannot promise a day before it: the promise is free, and the term is late."""
    return replace(facts, due=None)


def write(
    verification: Verification, fields: Sequence[VerificationField], found: Mapping[UUID, Finding]
) -> None:
    """Keep what was found of each field. Raises InvalidInput naming every field whose finding cannot be."""
    versions = queries.kept_versions(verification.resource_id)
    base = next((one for one in versions if one.id == verification.version_id), versions[0])
    problems: list[Problem] = []
    for one in fields:
        finding = found[one.id]
        one.outcome, one.correct, one.wrong_since = finding.outcome, finding.correct.strip(), None
        if finding.outcome == Outcome.RIGHT:
            one.correct = ""
            continue
        try:
            one.wrong_since = _since(verification, one, finding, base, versions)
        except InvalidInput as error:
            problems += [Problem(f"{one.column}（{one.key_text}）", each.what) for each in error.problems]
    if problems:
        raise InvalidInput(problems)
    VerificationField.objects.bulk_update(fields, ["outcome", "correct", "wrong_since"])


def _since(
    verification: Verification, one: VerificationField, finding: Finding, base: Any, versions: Sequence[Any]
) -> Any:
    """The earliest version, without a break up to the one that was disputed, in which the wrong value stood."""
    if len(finding.correct) > rows.LONGEST:
        raise InvalidInput.one(one.column, f"最多 {rows.LONGEST} 字")
    field = rows.Field(
        tuple(verification.key_columns),
        tuple(one.key),
        one.column,
        replace(finding, correct=finding.correct.strip()),
    )
    with resources.shelf().open(base.store_version) as version:
        wrong = rows.wrong_in(version, field)
    if not wrong:
        raise InvalidInput.one(one.column, "被校核的版本里没有这条记录，或者已经是这个值")
    since = base
    for older in (version for version in versions if version.number < base.number):
        if not rows.stands_in(older.store_version, field, wrong):
            break
        since = older
    return since
