"""The articles held by tests may only become more, and the files made from the marks are fresh."""

from __future__ import annotations

import pytest

from shuqiao import law
from shuqiao.cli.screens import SCREENS, addresses
from shuqiao.law import coverage, reports

ROOT = coverage.project_root()
ROWS = coverage.coverage(coverage.scan(ROOT))
HOW = f"refresh with: {coverage.REFRESH}"


def test_no_article_has_lost_its_tests():
    lost = coverage.lost_articles(ROWS, (ROOT / coverage.RATCHET).read_text(encoding="utf-8"))
    assert not lost, f"no test carries the mark of these articles any more: {', '.join(lost)}"


def test_the_ratchet_file_is_up_to_date():
    assert (ROOT / coverage.RATCHET).read_text(encoding="utf-8") == coverage.ratchet_text(ROWS), HOW


def test_the_reference_pages_are_fresh():
    for name, text in reports.reference_pages(addresses()).items():
        # Compared as a flag: pytest would spend minutes on a diff of two pages of this length.
        fresh = (ROOT / "docs" / name).read_text(encoding="utf-8") == text
        assert fresh, f"{name} does not match packs, marks and screens; {HOW}"


def test_the_table_of_screens_names_what_exists():
    known = {*law.TERMS, *law.RULES, *(f"{row.pack}:{row.article}" for row in ROWS)}
    assert set(SCREENS) <= known


@pytest.mark.parametrize("pack", sorted({row.pack for row in ROWS}))
def test_every_pack_is_held_by_some_test(pack):
    assert any(row.tests for row in ROWS if row.pack == pack)
