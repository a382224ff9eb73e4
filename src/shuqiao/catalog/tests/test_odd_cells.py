"""Cells nobody expects, and rules that are none: named, never a fault."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuqiao.catalog import mappings
from shuqiao.catalog.mappings.applying import apply
from shuqiao.catalog.mappings.portals import portal_rules
from shuqiao.catalog.mappings.rules import TARGETS, FieldRule, Rules
from shuqiao.kernel import InvalidInput

ODD = (
    "20231115103000123", "1700000000000", "99999999999999", "253402300800000", "9" * 5_000, "1e13", "-1700000000000",
    "１７０００００００００００", "٠١٢٣٤٥٦٧٨٩٠١", "1700000000000.0", "²³¹⁴²³¹⁴²³¹⁴", "<b>" * 300, "&#x110000;", "&#0;",
    "<" * 2_000, "[(（", "\u200f\ufeff", "0001-01-01", "=1+1", "null",
)  # fmt: skip
CELLS = st.one_of(st.sampled_from(ODD), st.from_regex(r"\A[0-9]{1,30}\Z"), st.text(max_size=60))
EVERY = Rules(
    {
        key: FieldRule(
            ("甲", "乙"), join="、", until="(（", values={"是": "1"}, otherwise=None, form=form, shorten=True
        )
        for key, form in zip(TARGETS, ["", "html", "epoch_ms"] * len(TARGETS), strict=False)
    }
)


@settings(max_examples=300, deadline=None)
@given(CELLS, CELLS)
def test_any_cell_becomes_text_within_its_limit(one, other):
    for form in ("", "html", "epoch_ms"):
        for shorten in (False, True):
            rules = Rules({"title": FieldRule(("甲", "乙"), form=form, shorten=shorten)})
            cells, _ = apply({"甲": one, "乙": other}, rules)
            assert all(isinstance(value, str) for value in cells.values())
            assert not shorten or len(cells.get("title", "")) <= 200
    apply({"甲": one, "乙": other}, EVERY)


@settings(max_examples=50, deadline=None)
@given(CELLS)
def test_every_portal_takes_any_cell(cell):
    for rules in portal_rules().values():
        apply(dict.fromkeys(rules.columns, cell), rules)


def reading(tmp_path, cell: str):
    path = tmp_path / "odd.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["标题", "发布时间"], ["公厕", cell], ["公园", "1700000000000"]])
    rules = Rules.from_json({"fields": {"title": "标题", "published_on": "发布时间"}})
    return mappings.read_mapped(mappings.look(path, "odd.csv"), rules)


@pytest.mark.parametrize("cell", [one for one in ODD if one.isascii() and one.isdigit() and len(one) > 13])
def test_a_time_that_is_none_is_a_problem_at_its_cell(tmp_path, cell):
    odd, fine = reading(tmp_path, cell).drafts
    (said,) = [one for one in odd.problems if "不是日期" in one.what]
    assert said.blocks
    assert said.cell == "B2"
    assert str(fine.content.published_on) == "2023-11-15"


@settings(max_examples=40, deadline=None)
@given(cell=CELLS)
def test_a_whole_file_with_any_cell_is_read_or_refused(tmp_path_factory, cell):
    try:
        found = reading(tmp_path_factory.mktemp("odd"), cell)
    except InvalidInput:
        return
    assert found.rows <= 2 + cell.count("\n") + cell.count("\r")


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"from": "a", "join": 5}, "join"),
        ({"from": "a", "until": 7}, "until"),
        ({"from": "a", "values": {"公厕": 5}}, "values"),
        ({"from": "a", "values": {"公厕": None}}, "values"),
        ({"from": "a", "values": ["公厕"]}, "values"),
        ({"from": "a", "otherwise": 5}, "otherwise"),
        ({"from": "a", "default": 5}, "default"),
        ({"from": "a", "form": ["html"]}, "form"),
        ({"from": "a", "form": "iso"}, "form"),
        ({"from": "a", "shorten": "yes"}, "shorten"),
        ({"from": 5}, "from"),
        ({"from": ["a", 5]}, "from"),
        ({"from": {"a": 1}}, "from"),
        ({"from": "a\0"}, "from"),
        (5, "来源列"),
        (None, "来源列"),
        ("", "来源列"),
    ],
)
def test_a_rule_that_is_none_is_refused_by_name(rule, named):
    with pytest.raises(InvalidInput) as refused:
        Rules.from_json({"fields": {"title": rule, "summary": "b"}})
    (problem,) = refused.value.problems
    assert problem.where == "title"
    assert named in problem.what


@pytest.mark.parametrize(
    "part", [{"per": ["entry"]}, {"per": 1}, {"items": 5}, {"where": ["a"]}, {"where": {"a": 5}}]
)
def test_the_whole_is_held_to_its_form_too(part):
    with pytest.raises(InvalidInput) as refused:
        Rules.from_json({"fields": {"title": "标题"}} | part)
    assert [one.where for one in refused.value.problems] == list(part)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
PARTS = ("from", "join", "until", "values", "otherwise", "default", "form", "shorten", "else")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(PARTS), ANYTHING, max_size=4) | ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_whatever_is_taken_can_be_kept_read_again_and_applied(rule, per, items, where):
    try:
        rules = Rules.from_json({"fields": {"title": rule}, "per": per, "items": items, "where": where})
    except InvalidInput:
        return
    again = Rules.from_json(rules.to_json())
    assert again.to_json() == rules.to_json()
    apply(dict.fromkeys(again.columns, "20231115103000123"), again)
