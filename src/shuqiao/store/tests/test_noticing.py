"""What stays text but is recognised: numbers with units and signs, telephones, identifiers, days in many forms."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuqiao.store import ColumnPreview, build, sniff
from shuqiao.store.casting import cast_texts
from shuqiao.store.cells import TypeFit
from shuqiao.store.checks import find_check
from shuqiao.store.days import DATE_FORMS, DATETIME_FORMS, render_date, render_datetime
from shuqiao.store.tests.tables import publish, rows_of, write
from shuqiao.store.types import ColumnType


def column(folder: Path, header: str, values: list[str]) -> ColumnPreview:
    text = f"序,{header}\n" + "".join(f'{n},"{value}"\n' for n, value in enumerate(values))
    return sniff(write(folder, text)).columns[1]


@pytest.mark.parametrize(
    ("values", "check", "words"),
    [
        (["12万元", "3.5万元", "100 万元"], "unit:万元", "带单位“万元”的数"),
        (["3.5公里", "12公里"], "unit:公里", "带单位“公里”的数"),
        (["12.5%", "7%", "100%"], "unit:%", "百分数"),
        (["1,234", "560", "12,345.60"], "grouped", "按千分位写的数"),
        (["(100)", "250", "(1,000)"], "bracketed", "写在括号里的数"),
        (["１２３", "45", "６．５"], "wide_digits", "含全角数字的数"),
    ],
)
def test_numbers_in_other_dress_are_told_with_a_check_and_stay_as_written(
    tmp_path: Path, values: list[str], check: str, words: str
) -> None:
    many = values * 20
    seen = column(tmp_path, "数额", many)
    assert (seen.type, seen.hints[0].check) == (ColumnType.TEXT, check)
    assert words in seen.hints[0].text
    recipe = sniff(tmp_path / "t").recipe()
    assert [row[1] for row in rows_of(publish(tmp_path / "t", recipe))] == many
    path = write(tmp_path, (tmp_path / "t").read_text(encoding="utf-8") + "99,不详\n", name="spoiled")
    plans = (recipe.columns[0], msgspec.structs.replace(recipe.columns[1], checks=(check,)))
    built = build(path, msgspec.structs.replace(recipe, columns=plans), tmp_path / "store")
    assert (built.meta.rows, built.meta.quarantined, built.meta.reasons) == (len(many), 1, {check: 1})


def test_units_are_counted_over_all_rows(tmp_path: Path) -> None:
    seen = column(tmp_path, "金额", ["5"] * 9_000 + ["12万元"] * 30_000 + ["3元"] * 1_000)
    assert [(hint.check, hint.text.split("（")[0]) for hint in seen.hints] == [
        ("unit:万元", "30,000 个值"),
        ("unit:元", "1,000 个值"),
    ]


@pytest.mark.parametrize(
    "values", [["营口市", "沈阳市"], ["A1", "B2"], ["甲12", "乙3"], ["12路人", "很多文字，3"]]
)
def test_words_are_no_numbers(tmp_path: Path, values: list[str]) -> None:
    assert column(tmp_path, "名称", values * 30).hints == ()


@pytest.mark.parametrize("name", ["unit:", "unit:1", "unit:a,b", "unit:.*", "nothing"])
def test_no_check_is_made_of_nonsense(name: str) -> None:
    assert find_check(name) is None


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("联系电话", ["0417-2812345", "0417-2812346", "024-23456789"]),
        ("联系电话", ["2812345", "2812346"]),
        ("备注", ["+8613800138000", "+8613900139000"]),
        ("备注", ["138 0013 8000", "139-0013-9000"]),
        ("备注", ["(0417)2812345", "（024）23456789"]),
    ],
)
def test_telephones_are_suspected(tmp_path: Path, header: str, values: list[str]) -> None:
    seen = column(tmp_path, header, values * 5)
    assert (seen.personal, seen.type) == ("mobile", ColumnType.TEXT)
    phone = find_check("phone")
    assert phone is not None
    assert all(map(phone.holds, values))
    assert phone.holds_all(pa.array(values)).all()


@pytest.mark.parametrize("header", ["服务热线", "举报电话", "数量", "面积"])
def test_numbers_of_offices_and_plain_numbers_are_not(tmp_path: Path, header: str) -> None:
    assert column(tmp_path, header, ["2812345", "3456789", "12345"] * 5).personal == ""


def test_old_and_small_written_identity_numbers(tmp_path: Path) -> None:
    assert column(tmp_path, "号", ["110105491231002", "210802800229123"] * 5).personal == "id_number"
    seen = column(tmp_path, "公民身份号码", ["11010519491231002x"] * 9 + ["440524188001010014"])
    assert (seen.checks, seen.failing) == (("id_number",), {"id_number": 0})
    handle = publish(tmp_path / "t")
    assert rows_of(handle)[0][1] == "11010519491231002x"
    mixed = column(tmp_path, "身份证号", ["110105491231002", "11010519491231002X"] * 5)
    assert (mixed.checks, mixed.type) == (("id_number_any",), ColumnType.TEXT)


MOMENTS = st.datetimes(min_value=datetime(1, 1, 1)).map(lambda moment: moment.replace(microsecond=0))


@given(form=st.sampled_from(list(DATETIME_FORMS)), moments=st.lists(MOMENTS, min_size=1, max_size=8))
def test_every_form_of_a_moment_is_read_and_written_back(form: str, moments: list[datetime]) -> None:
    texts = [render_datetime(moment, form) for moment in moments]
    values, wrong = cast_texts(pa.array(texts), TypeFit(ColumnType.DATETIME, form))
    assert wrong is None
    assert [render_datetime(value, form) for value in values.to_pylist()] == texts
    assert values.to_pylist() == [DATETIME_FORMS[form](text) for text in texts]


@given(form=st.sampled_from(list(DATE_FORMS)), moments=st.lists(MOMENTS, min_size=1, max_size=8))
def test_every_form_of_a_day_is_read_and_written_back(form: str, moments: list[datetime]) -> None:
    texts = [render_date(moment, form) for moment in moments]
    values, wrong = cast_texts(pa.array(texts), TypeFit(ColumnType.DATE, form))
    assert wrong is None
    assert [render_date(value, form) for value in values.to_pylist()] == texts
    assert values.to_pylist() == [DATE_FORMS[form](text) for text in texts]


SOME = st.text("0123456789-/.:年月日时分秒 T", max_size=22)


@given(text=SOME, form=st.sampled_from([*DATE_FORMS, *DATETIME_FORMS]))
def test_the_quick_way_and_the_careful_way_agree(text: str, form: str) -> None:
    dated = form in DATE_FORMS
    try:
        (DATE_FORMS[form] if dated else DATETIME_FORMS[form])(text)
        fits = True
    except ValueError:
        fits = False
    kind = ColumnType.DATE if dated else ColumnType.DATETIME
    _, wrong = cast_texts(pa.array([text]), TypeFit(kind, form))
    assert (wrong is None) == fits


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2012{m:02}{d:02}", "YYYYMMDD"),
        ("2012年{m}月{d}日 08时30分", "YYYY年M月D日 hh时mm分"),
        ("2012-{m}-{d} 8:05", "YYYY-M-D h:mm"),
        ("2012-{m:02}-{d:02} 08:05:09.0", "YYYY-MM-DD hh:mm:ss.0"),
        ("2012-{m:02}-{d:02} 08:05:09.000", "YYYY-MM-DD hh:mm:ss.000"),
    ],
)
def test_forms_that_are_proposed(tmp_path: Path, value: str, form: str) -> None:
    values = [value.format(m=n % 12 + 1, d=n % 28 + 1) for n in range(40)]
    seen = column(tmp_path, "登记", values)
    assert seen.form == form
    days = [row[1] for row in rows_of(publish(tmp_path / "t"))]
    first = datetime.fromisoformat(str(days[1]))
    assert (first.month, first.day) == (2, 2)


def test_eight_digits_that_are_no_days_of_our_time_or_codes_stay_text(tmp_path: Path) -> None:
    days = [f"{(datetime(2012, 1, 1) + timedelta(days=n)):%Y%m%d}" for n in range(40)]
    assert column(tmp_path, "编号", days).type is ColumnType.TEXT
    assert column(tmp_path, "数", [*days, "30120101"]).type is ColumnType.TEXT


def test_months_and_parts_of_seconds_are_told_and_stay_text(tmp_path: Path) -> None:
    months = column(tmp_path, "月份", ["2012年1月", "2012年11月"] * 10)
    assert (months.type, months.hints[0].type, months.hints[0].form) == (
        ColumnType.TEXT,
        ColumnType.DATE,
        "YYYY年M月",
    )
    parts = column(tmp_path, "时间", ["2012-01-01 08:05:09.125", "2012-01-01 08:05:09.5"] * 10)
    assert (parts.type, "小数秒" in parts.hints[0].text) == (ColumnType.TEXT, True)


@pytest.mark.parametrize("where", [0, 7, 120, 199])
def test_one_day_that_does_not_exist_is_named_with_its_line(tmp_path: Path, where: int) -> None:
    values = [f"2012-02-{n % 28 + 1:02}" for n in range(200)]
    values[where] = "2012-02-30"
    seen = column(tmp_path, "日期", values)
    assert seen.type is ColumnType.TEXT
    (hint,) = seen.hints
    assert f"第 {where + 2} 行“2012-02-30”" in hint.text
    assert (hint.type, hint.form) == (ColumnType.DATE, "YYYY-MM-DD")
    recipe = sniff(tmp_path / "t").recipe()
    plan = msgspec.structs.replace(recipe.columns[1], type=hint.type, form=hint.form)
    chosen = msgspec.structs.replace(recipe, columns=(recipe.columns[0], plan))
    built = build(tmp_path / "t", chosen, tmp_path / "store")
    assert (built.meta.rows, built.meta.quarantined) == (199, 1)
