"""What is invented is well-formed, marked, nobody's, and the same for the same seed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from shuqiao import store
from shuqiao.sample import invented
from shuqiao.sample.cells import maker
from shuqiao.sample.city import ACCOUNTS
from shuqiao.sample.days import Days
from shuqiao.sample.invented import Crowd
from shuqiao.sample.places import PASSWORD
from shuqiao.sample.public import CITIZEN, COMPANY
from shuqiao.sample.specs import EntrySpec, city_spec
from shuqiao.sample.tables import make_table, write_table
from shuqiao.store import checks

SPEC = city_spec()
WITH_FILE = [entry for entry in SPEC.entries if entry.file is not None]


def division_of(entry: EntrySpec):
    department = next(one for one in SPEC.departments if one.key == entry.dept)
    return next(one for one in SPEC.divisions if one.code == department.division)


def table_of(entry: EntrySpec, seed: int, crowd: Crowd | None = None, edition: int = 1):
    division = division_of(entry)
    crowd = crowd or Crowd(seed, division.code, division.short)
    return make_table(entry, entry.file, division, crowd, seed=seed, edition=edition)


def test_codes_and_numbers_pass_their_check_digits() -> None:
    codes = {invented.credit_code("91", "210800", serial) for serial in range(1, 2000)}
    assert len(codes) == 1999
    assert all(checks.credit_code(code) and "YL" in code for code in codes)
    crowd = Crowd(809, "210800", "营口")
    people = [crowd.person(index) for index in range(3000)]
    assert len({person.number for person in people}) == 3000
    assert all(checks.id_number(person.number) and person.number.startswith("990000") for person in people)
    assert all("示例" in crowd.company(index).name for index in range(50))


def test_the_same_seed_makes_the_same_city_and_another_seed_another() -> None:
    entry = next(one for one in WITH_FILE if one.key == "minimum-living")
    assert table_of(entry, 809) == table_of(entry, 809)
    assert table_of(entry, 809).rows != table_of(entry, 810).rows


def test_a_second_edition_speaks_of_the_same_subjects_with_other_figures() -> None:
    entry = next(one for one in WITH_FILE if one.key == "enterprise")
    first, second = table_of(entry, 809), table_of(entry, 809, edition=2)
    assert [row[0] for row in first.rows] == [row[0] for row in second.rows[: len(first.rows)]]
    assert len(second.rows) > len(first.rows)
    changed = sum(old != new for old, new in zip(first.rows, second.rows, strict=False))
    assert 0 < changed <= len(first.rows) // 20


@pytest.mark.parametrize("key", ["enterprise", "school", "elder-home", "doctor", "weather-daily"])
def test_a_file_is_read_as_what_it_was_written_as(key: str, tmp_path: Path) -> None:
    entry = next(one for one in WITH_FILE if one.key == key)
    table = table_of(entry, 809)
    preview = store.sniff(write_table(table, entry, entry.file, tmp_path))
    assert preview.rows == len(table.rows)
    wanted = [item.column if entry.file.columns_as_header else item.name for item in table.items]
    assert [column.source for column in preview.columns] == wanted
    assert preview.format.value == entry.file.form
    if entry.file.encoding == "gb18030":
        assert preview.encoding == "gb18030"
    assert preview.header_row == (0 if entry.file.form == "json" else 2 if entry.file.title else 1)


def test_there_is_enough_of_everything() -> None:
    assert len(SPEC.entries) >= 60
    assert len(WITH_FILE) >= 24
    assert all(200 <= entry.file.rows <= 20_000 for entry in WITH_FILE)
    assert {entry.file.form for entry in WITH_FILE} == {"csv", "xlsx", "json"}
    assert {entry.file.encoding for entry in WITH_FILE} == {"utf-8", "utf-8-sig", "gb18030"}
    assert sum(bool(entry.file.second) for entry in WITH_FILE) >= 2
    own = {code: [one for one in SPEC.departments if one.division == code] for code in ("210800", "210882")}
    assert len(own["210800"]) >= 14
    assert len(own["210882"]) >= 4
    assert [one.filed for one in SPEC.departments].count(False) == 2


def test_keys_are_columns_without_repetition() -> None:
    """The first declared key names one row, so that a system can look it up."""
    crowds: dict[str, Crowd] = {}
    for entry in WITH_FILE:
        division = division_of(entry)
        crowd = crowds.setdefault(division.code, Crowd(809, division.code, division.short))
        table = table_of(entry, 809, crowd)
        names = [item.name for item in table.items]
        for key in entry.file.keys:
            assert set(key) <= set(names), (entry.key, key)
        if entry.file.keys:
            places = [names.index(name) for name in entry.file.keys[0]]
            values = [tuple(row[place] for place in places) for row in table.rows]
            assert len(set(values)) == len(values), entry.key


def test_an_unknown_generator_is_an_error() -> None:
    with pytest.raises(ValueError, match="no generator 'nothing:of this'"):
        maker("nothing:of this")


@pytest.mark.parametrize(
    "today", [date(2026, 11, 21), date(2026, 11, 23), date(2026, 10, 5), date(2026, 2, 24)]
)
def test_days_are_counted_back_in_working_days(today: date) -> None:
    from shuqiao import law

    calendar, days = law.default_calendar(), Days(today)
    for count in range(12):
        day = days.back(count)
        assert calendar.is_workday(day)
        assert calendar.workdays_between(day, today) == count


def test_the_tutorial_speaks_of_accounts_and_data_that_exist() -> None:
    """What docs/tutorial/first-grant.md names is in the city: accounts, the entry, its items, their values."""
    text = (Path(__file__).parents[4] / "docs" / "tutorial" / "first-grant.md").read_text(encoding="utf-8")
    posts = {f"{one.key}-{post}" for one in SPEC.departments for post in ("clerk", "head", *one.posts)}
    named = set(re.findall(r"`((?:yk|dsq|sy|dcf)-[a-z-]+)`", text))
    assert named
    assert named <= posts
    assert {name for name, _, _ in ACCOUNTS} <= posts | {CITIZEN, COMPANY}
    assert PASSWORD in text
    entry = next(one for one in WITH_FILE if one.title == "职业技能等级证书信息")
    assert entry.title in text
    items = {item.name: item for item in entry.item_specs()}
    assert {"证书编号", "姓名", "职业名称", "等级", "公民身份号码"} <= set(items)
    assert {"电工", "焊工"} <= set(items["职业名称"].generator.removeprefix("pick:").split(","))
