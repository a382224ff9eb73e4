"""Entries of the sample city: held by today's rules, of the national list, and their exports come back as they were."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest

from shuqiao import law
from shuqiao.catalog import rules, spreadsheet
from shuqiao.catalog.classification import classes_of
from shuqiao.catalog.types import RevisionContent
from shuqiao.kernel.time import today
from shuqiao.sample import catalogue
from shuqiao.sample.specs import CitySpec, EntrySpec, city_spec

SPEC: CitySpec = city_spec()
DEPARTMENTS = {one.key: one for one in SPEC.departments}
DIVISIONS = {one.code: one for one in SPEC.divisions}


@pytest.fixture
def contents(monkeypatch: pytest.MonkeyPatch) -> list[tuple[EntrySpec, RevisionContent]]:
    """What every entry says, without a database."""
    monkeypatch.setattr(catalogue, "phone", lambda *_: "0417-2800000")
    world: Any = SimpleNamespace(
        spec=SPEC,
        seed=1,
        department=DEPARTMENTS.__getitem__,
        division_of=lambda key: DIVISIONS[DEPARTMENTS[key].division],
        clerk=lambda _: SimpleNamespace(name="陈编目"),
    )
    return [(entry, catalogue.content_of(world, entry)) for entry in SPEC.entries]


def test_every_entry_but_unfinished_drafts_may_be_submitted(
    contents: list[tuple[EntrySpec, RevisionContent]],
) -> None:
    for entry, content in contents:
        division = DIVISIONS[DEPARTMENTS[entry.dept].division]
        packs = division.packs or DIVISIONS[division.parent].packs
        regime = law.regime_of([law.Binding(one.id, one.house_rule) for one in packs], today())
        decision = rules.may_submit(rules.RevisionFacts(content, consented=True), regime)
        assert decision.allowed or entry.stage == "draft", f"{entry.key}: {decision.reason}"


@pytest.mark.django_db
@pytest.mark.parametrize("layout", ["a", "b", "c"])
def test_what_a_department_exports_comes_back_without_errors(
    contents: list[tuple[EntrySpec, RevisionContent]], tmp_path: Any, layout: str
) -> None:
    classes = classes_of("")
    of_department: dict[str, list[RevisionContent]] = defaultdict(list)
    for entry, content in contents:
        assert content.classification in classes.codes, entry.key
        of_department[entry.dept].append(content)
    for key, own in of_department.items():
        path = spreadsheet.write(
            [
                spreadsheet.SheetEntry(one, f"{one.classification}/{n:06d}", "甲局", "")
                for n, one in enumerate(own)
            ],
            tmp_path / f"{key}.xlsx",
            spreadsheet.LAYOUTS[layout],
        )
        reading = spreadsheet.read(path, classes=classes)
        assert [str(one) for one in reading.problems if one.blocks] == []
        for before, draft in zip(own, reading.drafts, strict=True):
            same = (
                "title",
                "summary",
                "sharing_type",
                "opening_type",
                "update_cycle",
                "format_type",
                "method_type",
            )
            assert [getattr(draft.content, name) for name in same] == [getattr(before, name) for name in same]
            assert layout != "a" or draft.content == before
