"""Who read a row: from the log and the archive, by single and composite keys, a stretch at a time."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from shuqiao.journal import (
    Access,
    How,
    Place,
    Question,
    Record,
    SealKey,
    Writer,
    archive,
    remove_archived,
    seal,
    seal_key,
    search_from,
    who,
)
from shuqiao.journal.tests.conftest import a_read

LATE = date(2031, 1, 1)


@pytest.fixture
def key(tmp_path: Path) -> SealKey:
    return seal_key(tmp_path / "secrets")


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "archive"


PERSON = "21080219900101001X"


def _year_of_reads() -> list[tuple[Record, How | None]]:
    rows = f"/v1/resources/r-1/rows/{PERSON}"

    def at(day: int, year: int = 2026) -> str:
        return f"{year}-03-{day:02d}T09:00:00.000+08:00"

    batch, export = "/v1/resources/r-1/lookup", "/v1/resources/r-1/export.csv"
    composite = f"/v1/resources/r-1/rows/{quote('营口')},{quote(PERSON)}"
    return [
        (a_read(1, action="lookup", query=rows, at=at(1)), How.READ),
        (a_read(0, action="lookup", query=rows, at=at(1)), How.ASKED),
        (a_read(0, action="lookup", query=rows, at=at(2), kind="refusal"), How.ASKED),
        (a_read(1, action="lookup", query=rows + "9", at=at(2)), None),
        (a_read(1, action="lookup", query=composite, at=at(3)), How.READ),
        (a_read(2, action="lookup", query=batch, extra={"keys": [["a"], [PERSON]]}, at=at(3)), How.READ),
        (a_read(2, action="lookup", query=batch, extra={"keys": [["a"], ["b"]]}, at=at(4)), None),
        (a_read(1, action="rows", query=f"/v1/resources/r-1/rows?{quote('身份证号')}={PERSON}", at=at(4)), How.READ),
        (a_read(50, action="rows", query="/v1/resources/r-1/rows?limit=50", at=at(5)), How.MAY),
        (a_read(0, action="rows", query="/v1/resources/r-1/rows?x=1", at=at(5)), None),
        (a_read(0, action="export.csv", query=export, extra={"phase": "begun"}, at=at(6)), How.MAY),
        (a_read(9, kind="delivered", action="export.csv", query=export, at=at(6)), None),
        (a_read(1, action="lookup", query=rows, resource="r-2", at=at(7)), None),
        (a_read(1, action="lookup", query=rows, at=at(7, 2027)), None),
        (a_read(1, kind="event", at=at(8, 2027)), None),
    ]  # fmt: skip


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.parametrize("kept", ["log", "both", "archive"])
def test_who_read_this_persons_row_in_a_year(root: Path, into: Path, key: SealKey, kept: str) -> None:
    told = _year_of_reads()
    with Writer(root, "gw1") as writer:
        receipts = writer.append_many_sync(record for record, _ in told)
    seal(root, "gw1", key)
    if kept != "log":
        archive(root, into, key, through=date(2026, 3, 3) if kept == "both" else None)
    if kept == "archive":
        assert remove_archived(root, into, key, on=LATE)
    expected = [
        (receipt.id, how) for receipt, (_, how) in zip(receipts, told, strict=True) if how is not None
    ]
    found = list(who(root, resource="r-1", value=PERSON, year=2026, archive=into if kept != "log" else None))
    assert [(one.receipt, one.how) for one in found] == expected
    assert found[0].purpose == told[0][0].purpose
    [next_year] = who(root, resource="r-1", value=PERSON, year=2027, archive=into if kept != "log" else None)
    assert next_year.at.startswith("2027-03-07")


def _reads_by_keys() -> list[tuple[Record, How | None]]:
    """Asked for the row of the key (地区, 编号) = (营口, 7), the resource's first key; its second is 统一代码."""
    table = "/v1/resources/r-1"
    rows, batch = f"{table}/rows", f"{table}/lookup"
    at = "2026-05-01T09:00:00.000+08:00"

    def one(query: str, how: How | None, count: int = 1, **facts: object) -> tuple[Record, How | None]:
        return a_read(count, **{"action": "lookup", "query": query, "at": at, **facts}), how

    def many(
        by: list[str], keys: list[list[object]], how: How | None, count: int = 1
    ) -> tuple[Record, How | None]:
        return one(batch, how, count, action="lookups", extra={"by": by, "keys": keys})

    return [
        one(f"{rows}/{quote('营口')},7", How.READ),
        one(f"{rows}/{quote('营口')},7", How.ASKED, 0),
        one(f"{rows}/{quote('营口')},8", None),
        one(f"{rows}/7,{quote('营口')}", None),  # the same values in the other columns
        one(f"{rows}/7,{quote('营口')}?by={quote('编号,地区')}", How.READ),
        one(f"{rows}/9121?by={quote('统一代码')}", How.MAY),
        one(f"{rows}/9121?by={quote('统一代码')}", None, 0),
        many(["地区", "编号"], [["沈阳", 7], ["营口", 7]], How.READ, 2),
        many(["地区", "编号"], [["沈阳", 7], ["营口", 8]], None, 2),
        many(["地区", "编号"], [["营口", 7]], How.ASKED, 0),
        many(["统一代码"], [["9121"]], How.MAY),
        one(f"{rows}?{quote('地区')}={quote('营口')}&{quote('编号')}__in=6,7", How.READ, action="rows"),
        one(f"{rows}?{quote('地区')}={quote('沈阳')}&{quote('名称')}={quote('营口')}", None, 9, action="rows"),
        one(f"{rows}?{quote('编号')}__gte=5", How.MAY, 9, action="rows"),
        one(f"{table}/export.csv?{quote('地区')}={quote('营口')}", How.MAY, 0, action="csv", extra={"phase": "begun"}),
    ]  # fmt: skip


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.parametrize("kept", ["log", "archive"])
def test_batches_and_composite_keys_are_understood(root: Path, into: Path, key: SealKey, kept: str) -> None:
    told = _reads_by_keys()
    with Writer(root, "gw1") as writer:
        receipts = writer.append_many_sync(record for record, _ in told)
    with Writer(root, "gw1") as writer:
        writer.append_sync(a_read(1, resource="r-9", at="2027-05-01T09:00:00.000+08:00"))
    seal(root, "gw1", key)
    if kept == "archive":
        archive(root, into, key)
        assert remove_archived(root, into, key, on=LATE)
    known = into if kept == "archive" else None
    by = ("地区", "编号")
    found = list(who(root, resource="r-1", value=("营口", "7"), year=2026, by=by, first=by, archive=known))
    expected = [(one.id, how) for one, (_, how) in zip(receipts, told, strict=True) if how is not None]
    assert [(one.receipt, one.how) for one in found] == expected
    assert {one.keys for one in found if one.action == "lookups"} == {1, 2}
    second = list(
        who(root, resource="r-1", value="9121", year=2026, by=("统一代码",), first=by, archive=known)
    )
    assert [one.receipt for one in second if one.how is How.READ] == [receipts[place].id for place in (5, 10)]
    assert receipts[0].id in {one.receipt for one in second if one.how is How.MAY}


@pytest.mark.parametrize("kept", ["log", "both", "archive"])
def test_a_search_goes_on_from_any_place_it_reached(
    root: Path, into: Path, key: SealKey, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["shuqiao.journal.who"], "STRIDE", 7)
    for node in ("gw1", "gw2"):
        with Writer(root, node, segment_bytes=3000) as writer:
            writer.append_many_sync(
                a_read(
                    1, query=f"/v1/resources/r-1/rows/{n % 3}", at=f"2026-02-{1 + n // 10:02d}T00:00:00+08:00"
                )
                for n in range(60)
            )
        seal(root, node, key)
    if kept != "log":
        archive(root, into, key, through=date(2026, 2, 3) if kept == "both" else None)
    if kept == "archive":
        assert remove_archived(root, into, key, on=LATE)
    asked, known = Question("r-1", ("1",), 2026), into if kept != "log" else None
    whole = list(search_from(root, asked, archive=known))
    accesses = [one.receipt for one in whole if isinstance(one, Access)]
    assert len(accesses) == len(set(accesses)) == 2 * 20
    assert isinstance(whole[-1], Place)
    assert (whole[-1].done, whole[-1].total) == (120, 120)
    for cut, place in enumerate(whole):
        if isinstance(place, Place):
            before = [one.receipt for one in whole[:cut] if isinstance(one, Access)]
            rest = search_from(root, asked, after=place, archive=known)
            assert before + [one.receipt for one in rest if isinstance(one, Access)] == accesses
