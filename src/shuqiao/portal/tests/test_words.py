"""Words, days, scope levels and chain steps as pure functions."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shuqiao import law
from shuqiao.portal import axis, chain, scope, wording
from shuqiao.portal.qr import qr_of
from shuqiao.store import Condition, Mask

ON = date(2026, 11, 23)


def is_workday(day: date) -> bool:
    return law.default_calendar().is_workday(day)


def test_dates_and_numbers():
    assert wording.cn_date(ON) == "2026年11月23日"
    assert wording.cn_day(ON) == "11月23日 周一"
    assert wording.cn_date(datetime(2026, 11, 22, 18, 0, tzinfo=UTC)) == "2026年11月23日"
    assert wording.cn_datetime(datetime(2026, 11, 23, 1, 41, 17, tzinfo=UTC)) == "2026年11月23日 09:41:17"
    assert wording.grouped(1204377) == "1,204,377"
    assert wording.grouped("营口") == "营口"
    assert wording.grouped(None) == wording.cn_date(None) == ""


def test_conditions_become_a_sentence():
    condition = Condition.from_json(
        [
            {"column": "state", "op": "eq", "values": ["在保"]},
            {"column": "area", "op": "in", "values": ["老边区", "站前区"]},
            {"column": "age", "op": "between", "values": [18, 60]},
            {"column": "ended", "op": "isnull", "values": [False]},
        ]
    )
    phrases = wording.in_words(condition, {"state": "保障状态", "area": "区划"})
    assert [(p.name, p.says) for p in phrases] == [
        ("保障状态", "为“在保”"),
        ("区划", "属于老边区、站前区"),
        ("age", "在 18 至 60 之间"),
        ("ended", "不为空"),
    ]
    assert wording.in_words(condition.to_json()) == wording.in_words(condition)


def test_an_operator_without_words_is_an_error():
    with pytest.raises(ValueError, match="like"):
        wording.in_words([{"column": "a", "op": "like", "values": ["x"]}])


def test_every_operator_of_the_store_has_words():
    from shuqiao.store.conditions import Op

    assert {op.value for op in Op} == set(wording.OPERATORS)


def test_levels_and_masks_of_the_store_are_the_same_thing():
    assert [scope.level_of(mask) for mask in (*Mask, None)] == [
        "full", "mask", "hash", "year", "none", "none",
    ]  # fmt: skip
    given = [mask.value for mask in Mask if mask is not Mask.DROP]
    assert [scope.mask_of(level) for level in scope.LEVELS] == [*given, None]


def test_a_row_keeps_what_is_asked_allowed_and_decided_apart():
    (row,) = scope.rows_of(
        [{"name": "电话", "code": "tel", "mask": None, "ask": "mask", "may": ["mask", "none"]}]
    )
    assert [cell.level for cell in row.cells if cell.may] == ["mask", "none"]
    assert [cell.level for cell in row.cells if cell.asked] == ["mask"]
    assert [cell.level for cell in row.cells if cell.on] == ["none"]
    assert (row.example, row.field) == ("不返回", "level-tel")


def test_an_unknown_level_is_an_error():
    with pytest.raises(ValueError, match="secret"):
        scope.rows_of([{"name": "电话", "level": "secret"}])


def test_a_chain_has_seven_steps_and_names_where_it_stands():
    assert [step.label for step in chain.steps_of("done done now act")] == list(chain.LABELS)
    assert chain.where(chain.steps_of("done done now act")) == "期限"
    assert chain.where(chain.steps_of("done done done done+act now")) == "授权"
    assert chain.where(chain.steps_of("done done done stop")) == "决定未通过"
    assert chain.where(chain.steps_of(" ".join(["done"] * 7))) == "存证"
    with pytest.raises(ValueError, match="gone"):
        chain.steps_of("done gone")


def test_the_axis_counts_ten_working_days_and_folds_days_off():
    days = axis.axis_of([], ON, is_workday)
    assert [day.kind for day in days] == ["late", "now", *["day"] * 4, "off", *["day"] * 5, "later"]
    assert [day.head for day in days][1:6] == ["23", "24", "25", "26", "27"]
    assert days[8].head == "12/1"


def test_every_duty_stands_on_the_axis_exactly_once():
    duties = [axis.Duty(f"第 {n} 件", "#", date.fromordinal(ON.toordinal() + n)) for n in range(-5, 30)]
    days = axis.axis_of(duties, ON, is_workday)
    assert sorted(duty.due_on for day in days for duty in day.duties) == [duty.due_on for duty in duties]
    assert {duty.due_on for duty in days[0].duties} == {d.due_on for d in duties if d.due_on < ON}
    friday = next(day for day in days if day.head == "27")
    assert [duty.due_on.day for duty in friday.duties] == [27, 28, 29]


def test_the_axis_begins_on_a_day_off_too():
    saturday = date(2026, 11, 28)
    days = axis.axis_of([axis.Duty("x", "#", date(2026, 11, 29))], saturday, is_workday)
    assert days[1].kind == "now"
    assert next(day.head for day in days if day.kind == "day") == "30"
    assert [duty.label for duty in days[1].duties] == ["x"]


def test_the_strip_counts_as_the_law_counts():
    days = axis.strip_of(date(2026, 11, 18), date(2026, 11, 25), ON, is_workday)
    assert [day.word for day in days] == ["收到", "1", "2", "休", "休", "3 今天", "4", "5 到期"]
    assert [day.css for day in days] == ["off", "", "", "off", "off", "now", "", "due"]


def test_a_qr_code_has_its_three_finder_corners():
    code = qr_of("https://data.example.gov.cn/receipts/gw1-000000000123-1a2b3c4d")
    assert code.size == 33
    assert code.path.startswith("M0 0h7v1h-7z")
    assert f"M{code.size - 7} 0h7v1h-7z" in code.path
    assert f"M0 {code.size - 1}h7v1h-7z" in code.path
    with pytest.raises(ValueError, match="250"):
        qr_of("https://x/" + "a" * 300)
