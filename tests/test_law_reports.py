"""What `shuqiao law` prints: packs, regimes, differences, coverage, the reference page, the commands."""

from __future__ import annotations

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from shuqiao import law
from shuqiao.cli import law as cli
from shuqiao.law import Binding, coverage, regime_of, reports
from shuqiao.law.reports.words import _PARAM_WORDS
from shuqiao.law.vocabulary import RULES

PACKS = law.load_packs()
YINGKOU = (Binding("yingkou-2022"), Binding("national-2025"))
EVE, DECREE = date(2025, 7, 31), date(2025, 8, 1)


def test_a_shown_pack_has_its_head_terms_rules_and_articles():
    text = reports.show(PACKS["dongchangfu-2020"])
    assert "东昌府区政务数据资源管理暂行办法" in text
    assert "自 2020-11-01 起，至 2022-10-31 · 33 条" in text
    assert "开放类型：无条件开放、有条件开放、不予开放" in text
    assert "目录更新  catalog.update：15 个工作日（东昌府办法 第十六条）" in text
    assert "有条件共享申请的答复  sharing.reply.conditional：未规定" in text
    assert text.count("\n  第") == 33


def test_a_shown_regime_weighs_its_sources():
    text = reports.show(regime_of(YINGKOU, DECREE))
    assert "（营口办法 第二十条；延期依政务数据共享条例 第二十一条）" in text
    assert "→ 营口办法 第二十条：5 个工作日" in text
    assert "政务数据共享条例 第二十一条：10 个工作日" in text
    assert (
        "依据限于：法律、行政法规、国务院决定（营口办法 第二十条；政务数据共享条例 第二十一条、第十五条）"
        in text
    )


def test_a_shown_regime_says_what_has_expired_and_what_is_to_come():
    on = date(2023, 1, 1)
    kept = reports.show(regime_of([Binding("dongchangfu-2020", True), Binding("national-2025")], on))
    assert "已于 2022-10-31 届满，作为自定规则继续适用" in kept
    assert "15 个工作日（东昌府办法 第十六条，自定规则）" in kept
    assert "尚未施行：政务数据共享条例（national-2025，自 2025-08-01 起）" in kept
    dropped = reports.show(regime_of([Binding("dongchangfu-2020")], on))
    assert "不再适用：东昌府区政务数据资源管理暂行办法（dongchangfu-2020，已于 2022-10-31 届满）" in dropped
    assert "没有有效的规则包" in dropped


def test_the_difference_between_two_packs_is_in_terms_rules_and_names():
    found = {
        change.id: change for change in reports.changes(PACKS["yingkou-2022"], PACKS["dongchangfu-2020"])
    }
    assert found["catalog.update"].before == "10 个工作日（营口办法 第十五条）"
    assert found["catalog.update"].after == "15 个工作日（东昌府办法 第十六条）"
    assert found["conditional"].kind == "name"
    assert (found["conditional"].before, found["conditional"].after) == ("依申请开放", "有条件开放")
    assert "unconditional" not in found
    assert found["sharing.onward_transfer"].after == "未规定"
    assert "sharing.one_notice" not in found, "both are silent"


def test_the_difference_between_two_days_is_what_the_decree_brings():
    text = reports.diff(regime_of(YINGKOU, EVE), regime_of(YINGKOU, DECREE))
    assert text.startswith("营口办法，2025-07-31 → 营口办法＋政务数据共享条例，2025-08-01")
    assert "- 未规定\n    + 20 个工作日（政务数据共享条例 第二十二条）" in text
    assert "opening.reply" not in text, "the decree does not touch opening"
    assert "没有变化" in reports.diff(regime_of(YINGKOU, EVE), regime_of(YINGKOU, date(2025, 7, 30)))


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.id)
def test_nothing_differs_from_itself(pack):
    assert reports.changes(pack, pack) == ()


def test_coverage_is_printed_with_sums_and_as_rows():
    rows = coverage.coverage([coverage.Mark("yingkou-2022", "20", "t::a")])
    text = reports.coverage_text(rows)
    assert "营口市政务数据资源共享开放管理办法（yingkou-2022）：1/40 条有测试" in text
    assert "第二十条  S  t::a" in text
    assert "合计：1/155 条有测试" in text
    parsed = json.loads(reports.coverage_json(rows))
    assert len(parsed) == 155
    assert {
        "pack": "yingkou-2022",
        "article": "20",
        "kind": "S",
        "parts": ["sharing", "gateway"],
        "due": True,
        "tests": ["t::a"],
    } in parsed


def test_the_gate_names_what_is_owed_what_is_left_for_later_and_what_is_held_in_part():
    every = [coverage.Mark(row.pack, row.article, "t::a") for row in coverage.coverage(())]
    wanted = {("yingkou-2022", "20"), ("yingkou-2022", "9"), ("dongchangfu-2020", "18")}
    rows = coverage.coverage([mark for mark in every if (mark.pack, mark.article) not in wanted])
    text = reports.gate_text(rows)
    assert "已建部分缺测试的系统条文：1\n  营口办法 第二十条（共享、数据网关）\n" in text
    assert "留待后续部分的系统条文：2\n" in text
    assert "  规划与信息系统（planning）\n    营口办法 第九条\n" in text
    assert "  对接（interop）\n    东昌府办法 第十八条\n" in text
    assert "  沈阳条例 第十七条：规划与信息系统\n" in text, "held, and planning still has its share"
    whole = reports.gate_text(coverage.coverage(every))
    assert "已建部分缺测试的系统条文：无\n留待后续部分的系统条文：无\n" in whole


def test_the_reference_pages_join_article_summary_rules_screens_and_tests():
    screens = {"sharing.reply.conditional": ["/work/"], "yingkou-2022:20": ["/sharing/"]}
    pages = reports.reference_pages(screens, [coverage.Mark("yingkou-2022", "20", "t::a")])
    page = pages["reference/regulations-yingkou-2022.md"]
    [row] = [
        line
        for line in page.splitlines()
        if line.startswith(
            "| 20 | S | 无条件的直接从平台拿；有条件的向提供部门申请，五个工作日内答复；同意就"
        )
    ]
    assert "`sharing.reply.conditional`" in row
    assert "`sharing.refusal.basis`" in row
    assert row.endswith("| `/work/`<br>`/sharing/` | `t::a` |")
    assert page.count("\n| 1 |") == 1
    assert len(pages) == 5
    assert "(regulations-national-2025.md)" in pages["reference/regulations.md"]
    assert "这是我们的解读" in pages["reference/regulations-national-2025.md"]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, list(arguments))
    return result.exit_code, result.output


def test_the_commands_print_the_reports():
    assert run("show", "yingkou-2022") == (0, reports.show(PACKS["yingkou-2022"]))
    regime = regime_of(YINGKOU, DECREE)
    assert run("show", "yingkou-2022", "national-2025", "--on", "2025-08-01") == (0, reports.show(regime))
    kept = regime_of([Binding("dongchangfu-2020", True)], DECREE)
    assert run("show", "dongchangfu-2020", "--house-rule", "dongchangfu-2020", "--on", "2025-08-01") == (
        0,
        reports.show(kept),
    )
    two_packs = reports.diff(PACKS["yingkou-2022"], PACKS["shenyang-2020"])
    assert run("diff", "yingkou-2022", "shenyang-2020") == (0, two_packs)
    days = ("--before", "2025-07-31", "--after", "2025-08-01")
    assert run("diff", "yingkou-2022", "national-2025", *days) == (
        0,
        reports.diff(regime_of(YINGKOU, EVE), regime),
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "atlantis-1999"),
        ("diff", "yingkou-2022"),
        ("diff", "yingkou-2022", "--before", "2025-07-31"),
        ("show", "yingkou-2022", "--on", "soon"),
    ],
)
def test_the_commands_refuse_what_makes_no_sense(arguments):
    assert run(*arguments)[0] == 2


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A source tree of one test file, in the place of this one."""
    (tmp_path / "tests").mkdir()
    monkeypatch.setattr(coverage, "project_root", lambda: tmp_path)
    return tmp_path


def write_test(tree, *numbers: str) -> None:
    marks = "".join(f'@pytest.mark.article("yingkou-2022", "{number}")\n' for number in numbers)
    (tree / "tests" / "test_a.py").write_text(f"{marks}def test_it():\n    pass\n")


def test_coverage_writes_its_files_and_never_fewer_articles(tree):
    write_test(tree, "20", "21")
    code, output = run("coverage", "--write", "--json")
    assert code == 0
    assert [row["article"] for row in json.loads(output) if row["tests"]] == ["20", "21"]
    ratchet = tree / "tests" / "law_coverage.json"
    assert json.loads(ratchet.read_text())["covered"] == 2
    page = tree / "docs" / "reference" / "regulations-yingkou-2022.md"
    assert "`tests/test_a.py::test_it`" in page.read_text(encoding="utf-8")
    write_test(tree, "20")
    code, output = run("coverage", "--write")
    assert code == 1
    assert "yingkou-2022:21" in output
    assert json.loads(ratchet.read_text())["covered"] == 2


def test_the_gate_shuts_on_an_article_of_a_built_part_and_only_on_that(tree):
    due = {
        row.article for row in coverage.coverage(()) if row.pack == "yingkou-2022" and row.to_json()["due"]
    }
    assert {"4", "8", "20", "39"} <= due
    assert not due & {"1", "9", "25", "33", "36"}
    for pack in PACKS:
        body = "".join(
            f'@pytest.mark.article("{pack}", "{row.article}")\n'
            for row in coverage.coverage(())
            if row.pack == pack and row.to_json()["due"]
        )
        (tree / "tests" / f"test_{pack[:4]}.py").write_text(f"{body}def test_it():\n    pass\n")
    code, output = run("coverage", "--gate")
    assert code == 0
    assert "规划与信息系统（planning）\n    东昌府办法 第九条" in output
    (tree / "tests" / "test_shen.py").unlink()
    code, output = run("coverage", "--gate")
    assert code == 1
    assert "沈阳条例 第十七条（规划与信息系统、共享）" in output


def test_coverage_names_a_bad_mark(tree):
    write_test(tree, "99")
    code, output = run("coverage")
    assert code == 2
    assert "test_a.py:1" in output


def test_every_parameter_and_its_values_have_chinese_words():
    words = {name for spec in RULES.values() for name in spec.params}
    words |= {
        value
        for spec in RULES.values()
        for one in spec.params.values()
        for value in getattr(one, "values", ())
    }
    assert words <= set(_PARAM_WORDS)
