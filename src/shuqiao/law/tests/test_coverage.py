"""Marks are read from source text, checked against the packs, and turned into rows and the ratchet."""

from __future__ import annotations

import json

import pytest

from shuqiao.law import coverage

SOURCE = """
import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.article("national-2025", "44")]


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("yingkou-2022", 21)
def test_plain():
    pass


@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.article("shenyang-2020", "20"))])
async def test_parameters(x):
    pass


CASES = [pytest.param(1, marks=pytest.mark.article("shenyang-2020", "26"))]
UNUSED = [pytest.param(1, marks=pytest.mark.article("shenyang-2020", "27"))]


@pytest.mark.parametrize("x", CASES)
def test_constant(x):
    pass


@pytest.mark.article("dongchangfu-2020", "19")
class TestCase:
    pytestmark = pytest.mark.article("dongchangfu-2020", "33")

    @pytest.mark.article("national-2025", "17(2)")
    def test_inner(self):
        pass

    @pytest.mark.article("yingkou-2022", "1")
    def helper(self):
        pass


@pytest.mark.article("yingkou-2022", "2")
def not_a_test():
    pass
"""


def test_marks_of_functions_parameters_classes_and_modules_are_found():
    found = {(mark.test, mark.pack, mark.article) for mark in coverage.scan_source(SOURCE, "t/test_x.py")}
    everywhere = ("national-2025", "44")
    assert found == {
        ("t/test_x.py::test_plain", "yingkou-2022", "20"),
        ("t/test_x.py::test_plain", "yingkou-2022", "21"),
        ("t/test_x.py::test_plain", *everywhere),
        ("t/test_x.py::test_parameters", "shenyang-2020", "20"),
        ("t/test_x.py::test_parameters", *everywhere),
        ("t/test_x.py::test_constant", "shenyang-2020", "26"),
        ("t/test_x.py::test_constant", *everywhere),
        ("t/test_x.py::TestCase::test_inner", "dongchangfu-2020", "19"),
        ("t/test_x.py::TestCase::test_inner", "dongchangfu-2020", "33"),
        ("t/test_x.py::TestCase::test_inner", "national-2025", "17"),
        ("t/test_x.py::TestCase::test_inner", *everywhere),
    }


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ('"atlantis-1999", "1"', "no pack 'atlantis-1999'"),
        ('"yingkou-2022", "41"', "no article 41"),
        ('"yingkou-2022", "twenty"', "not an article number"),
        ('"yingkou-2022"', "two literals"),
        ('PACK, "20"', "two literals"),
        ('"yingkou-2022", number="20"', "two literals"),
    ],
)
def test_a_mark_that_names_nothing_is_an_error_with_its_line(arguments, reason):
    source = f"import pytest\n\n@pytest.mark.article({arguments})\ndef test_it():\n    pass\n"
    with pytest.raises(coverage.CoverageError, match=reason) as caught:
        coverage.scan_source(source, "t/test_x.py")
    assert (caught.value.path, caught.value.line) == ("t/test_x.py", 3)


def test_rows_cover_every_article_of_every_pack_in_order():
    rows = coverage.coverage(
        [coverage.Mark("yingkou-2022", "20", "t::a"), coverage.Mark("yingkou-2022", "20", "t::b")]
    )
    assert len(rows) == 33 + 44 + 38 + 40
    assert coverage.covered(rows) == ("yingkou-2022:20",)
    [row] = [row for row in rows if row.tests]
    assert row.to_json() == {
        "pack": "yingkou-2022",
        "article": "20",
        "kind": "S",
        "parts": ["sharing", "gateway"],
        "due": True,
        "tests": ["t::a", "t::b"],
    }


def test_the_ratchet_sees_what_is_lost():
    both = coverage.coverage([coverage.Mark("yingkou-2022", number, "t::a") for number in ("20", "21")])
    one = coverage.coverage([coverage.Mark("yingkou-2022", "20", "t::a")])
    kept = coverage.ratchet_text(both)
    assert json.loads(kept) == {"covered": 2, "articles": ["yingkou-2022:20", "yingkou-2022:21"]}
    assert coverage.lost_articles(one, kept) == ("yingkou-2022:21",)
    assert coverage.lost_articles(both, coverage.ratchet_text(one)) == ()


def test_scanning_a_tree_reads_both_kinds_of_test_folders(tmp_path):
    body = '@pytest.mark.article("yingkou-2022", "20")\ndef test_it():\n    pass\n'
    for folder in ("src/shuqiao/law/tests", "tests/e2e", "docs"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "test_a.py").write_text(body)
    found = [mark.test for mark in coverage.scan(tmp_path)]
    assert found == ["src/shuqiao/law/tests/test_a.py::test_it", "tests/e2e/test_a.py::test_it"]


def test_this_source_tree_is_found():
    assert (coverage.project_root() / "pyproject.toml").is_file()
