"""The articles held by tests may only become more, and the files made from the marks are fresh."""

from __future__ import annotations

import re

import pytest

from shuqiao import law
from shuqiao.cli.screens import SCREENS, addresses
from shuqiao.kernel import Article
from shuqiao.law import coverage, reports
from shuqiao.law.parts import LATER, Part, parts_of

ROOT = coverage.project_root()
ROWS = coverage.coverage(coverage.scan(ROOT))
HOW = f"refresh with: {coverage.REFRESH}"


def test_no_article_has_lost_its_tests():
    lost = coverage.lost_articles(ROWS, (ROOT / coverage.RATCHET).read_text(encoding="utf-8"))
    assert not lost, f"no test carries the mark of these articles any more: {', '.join(lost)}"


# What the parts still to come have to hold. It only shrinks: an article that gets its test leaves the list.
LEFT_FOR_LATER = {
    "dongchangfu-2020": "9 10 11 12 29",
    "national-2025": "34 35 39 40 41",
    "shenyang-2020": "8 10 11 30 31 32 33 34",
    "yingkou-2022": "9 25 26 34 35 37",
}


def test_every_system_article_of_the_parts_that_are_built_has_a_test():
    owed = [f"{row.pack}:{row.article} ({', '.join(row.parts)})" for row in coverage.owed(ROWS)]
    assert not owed, f"no test holds these articles: {', '.join(owed)}"


def test_the_articles_left_for_later_parts_are_these_and_no_more():
    found: dict[str, list[str]] = {}
    for rows in coverage.left_for_later(ROWS).values():
        for row in rows:
            found.setdefault(row.pack, []).append(row.article)
    assert {
        pack: " ".join(sorted(set(numbers), key=int)) for pack, numbers in found.items()
    } == LEFT_FOR_LATER
    text = reports.gate_text(ROWS)
    assert all(law.article_title(Article(pack, number)) in text for pack in found for number in found[pack])


@pytest.mark.shared_data
def test_the_parts_are_those_of_the_requirements(shared_data):
    path = shared_data.parent / "requirements.md"
    if not path.exists():
        pytest.skip("requirements.md is not beside the real data")
    sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.M)
    heads = {"Yingkou": "yingkou-2022", "Shenyang": "shenyang-2020", "Dongchangfu": "dongchangfu-2020"}
    heads["National"] = "national-2025"
    told = 0
    for section in sections:
        pack = heads.get(section.split(" ", 1)[0])
        for numbers, words in (
            re.findall(r"^\| ([\d–, ]+) \|.*\| ([a-z, ]+) \|$", section, flags=re.M) if pack else ()
        ):
            for part in numbers.split(","):
                first, _, last = part.strip().partition("–")
                for number in range(int(first), int(last or first) + 1):
                    told += 1
                    wanted = (
                        set(Part) - LATER if words == "all" else {Part(word) for word in words.split(", ")}
                    )
                    assert set(parts_of(pack, str(number))) == wanted, f"{pack}:{number}"
    assert told > 130


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
