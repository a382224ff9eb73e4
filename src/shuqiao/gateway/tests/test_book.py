"""The grant book is replaced whole, never goes back, and refuses what could not be served."""

from __future__ import annotations

import multiprocessing
from datetime import date
from pathlib import Path

import msgspec
import pytest

from shuqiao.gateway.book import (
    Book,
    BookError,
    ColumnRow,
    GrantRow,
    KeyRow,
    ResourceRow,
    StaleBook,
    book_path,
    read_book,
    write_book,
)


def a_book(revision: int = 1, **changes) -> Book:
    key = KeyRow(
        id="k1", department="市场监管局", system="窗口系统", secret_sha256="ab" * 32, sealed_secret=b"x"
    )
    grant = GrantRow(
        id="g1",
        case="营数享〔2026〕0001号",
        resource="r1",
        grantee="市场监管局",
        keys=["k1"],
        columns=[ColumnRow("名称"), ColumnRow("法定代表人", "keep_ends")],
        where=[{"column": "地区", "op": "eq", "values": ["营口"]}],
        purpose="窗口核验",
        legal_basis="无",
        modes=["interface"],
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
        basis=["yingkou-2022:20"],
    )
    resource = ResourceRow(
        id="r1",
        entry="e1",
        name="企业登记",
        version="v1",
        lookup_keys=[["统一社会信用代码"]],
        provider="市场监管局",
        basis=["national-2025:25"],
    )
    book = Book(
        revision=revision,
        written_at="2026-01-01T00:00:00+08:00",
        keys={"k1": key},
        grants=[grant],
        resources={"r1": resource},
    )
    return msgspec.structs.replace(book, **changes)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = book_path(tmp_path)
    write_book(path, a_book())
    assert read_book(path) == a_book()
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["book.lock", "book.msgpack"]


def test_an_older_revision_never_replaces_a_newer_one(tmp_path: Path) -> None:
    path = tmp_path / "book.msgpack"
    write_book(path, a_book(5))
    write_book(path, a_book(5))
    with pytest.raises(StaleBook, match="revision 4 would replace revision 5"):
        write_book(path, a_book(4))
    assert read_book(path).revision == 5


def test_a_broken_file_is_named_and_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "book.msgpack"
    path.write_bytes(b"\x00not msgpack")
    with pytest.raises(BookError, match="not a grant book"):
        read_book(path)
    write_book(path, a_book(1))
    assert read_book(path).revision == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grants": [a_book().grants[0]] * 2}, "grant 'g1' is listed twice"),
        ({"keys": {"other": a_book().keys["k1"]}}, "key 'other' holds a row with id 'k1'"),
        (
            {"grants": [msgspec.structs.replace(a_book().grants[0], state_basis=["二十七"])]},
            "not an article reference",
        ),
        (
            {"grants": [msgspec.structs.replace(a_book().grants[0], state="paused")]},
            "Invalid enum value 'paused'",
        ),
    ],
)
def test_a_book_that_cannot_be_served_is_not_written(tmp_path: Path, changes, message: str) -> None:
    path = tmp_path / "book.msgpack"
    write_book(path, a_book(1))
    with pytest.raises(BookError, match=message):
        write_book(path, a_book(2, **changes))
    assert read_book(path).revision == 1
    assert not list(tmp_path.glob("*.tmp"))


def _write_many(path: Path, start: int) -> None:
    for revision in range(start, 60, 2):
        try:
            write_book(path, a_book(revision))
        except StaleBook:
            continue


@pytest.mark.race
def test_readers_beside_two_writers_see_only_whole_books_that_rise(tmp_path: Path) -> None:
    path = tmp_path / "book.msgpack"
    write_book(path, a_book(0))
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(path, start)) for start in (1, 2)]
    for writer in writers:
        writer.start()
    seen = [0]
    while any(writer.is_alive() for writer in writers):
        seen.append(read_book(path).revision)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    seen.append(read_book(path).revision)
    assert seen == sorted(seen)
    assert seen[-1] == 59
