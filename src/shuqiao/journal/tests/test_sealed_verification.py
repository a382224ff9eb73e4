"""Verification of sealed logs: what seals find that the chain cannot, and the same answer from many processes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shuqiao.journal import (
    Kind,
    SealBook,
    SealKey,
    Writer,
    compress,
    iter_records,
    prove,
    seal,
    seal_key,
    verify,
)
from shuqiao.journal.head import Head, write_head
from shuqiao.journal.segments import list_segments
from shuqiao.journal.tests.conftest import a_read, write_log


@pytest.fixture
def key(tmp_path: Path) -> SealKey:
    return seal_key(tmp_path / "secrets")


@pytest.fixture
def sealed(root: Path, key: SealKey) -> Path:
    write_log(root, 120)
    seal(root, "gw1", key, most=5)
    return root


def _kinds(root: Path, **asked: object) -> set[Kind]:
    return {finding.kind for finding in verify(root, **asked).findings}


def _rewrite(root: Path) -> None:
    """The whole log anew, properly chained, with its HEAD: what the chain alone cannot find."""
    kept = {name: (root / "gw1" / name).read_bytes() for name in ("seals.jsonl",)}
    shutil.rmtree(root / "gw1")
    with Writer(root, "gw1", segment_bytes=4000) as writer:
        writer.append_many_sync(a_read(n, purpose="forged") for n in range(120))
    for name, content in kept.items():
        (root / "gw1" / name).write_bytes(content)


def test_a_sealed_log_holds_and_says_how_far(sealed: Path, key: SealKey) -> None:
    report = verify(sealed, keys={key.public.id: key.public})
    assert report.ok
    assert report.nodes[0].sealed == 120
    assert report.nodes[0].seals == len(list(SealBook(sealed / "gw1")))


@pytest.mark.article("yingkou-2022", "22")
def test_a_log_rewritten_from_end_to_end_is_found_by_its_seals(sealed: Path) -> None:
    _rewrite(sealed)
    assert _kinds(sealed) == {Kind.SEAL}


def test_rewritten_and_sealed_anew_with_another_key_is_found_by_who_kept_the_key(
    sealed: Path, key: SealKey, tmp_path: Path
) -> None:
    _rewrite(sealed)
    (sealed / "gw1" / "seals.jsonl").unlink()
    forger = seal_key(tmp_path / "forger")
    seal(sealed, "gw1", forger)
    assert verify(sealed).ok  # the limit stated in the documentation
    assert _kinds(sealed, keys={key.public.id: key.public}) == {Kind.SEAL}


def test_records_taken_from_the_end_with_their_head_are_found_by_the_seal(sealed: Path) -> None:
    kept = list(iter_records(sealed, "gw1"))
    last = list_segments(sealed / "gw1")[-1].path
    lines = last.read_bytes().splitlines(keepends=True)
    last.write_bytes(b"".join(lines[:-1]))
    write_head(sealed / "gw1", Head("gw1", 119, kept[-2].receipt.hash))
    assert _kinds(sealed) == {Kind.SEAL}


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:1] + lines[2:],
        lambda lines: lines[1:],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [lines[0].replace(b'"number":1', b'"number":2'), *lines[1:]],
        lambda lines: [*lines[:3], b"00" + lines[3][2:], *lines[4:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [*lines[:2], b"what\n", *lines[3:]],
    ],
)
def test_a_changed_book_of_seals_is_found(sealed: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = sealed / "gw1" / "seals.jsonl"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    assert Kind.SEAL in _kinds(sealed)


def _spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace("营口".encode(), "沈阳".encode(), 1))


def test_many_processes_find_what_one_finds(sealed: Path) -> None:
    write_log(sealed, 40, node="gw2")
    compress(sealed, node="gw2")
    segments = [segment.path for segment in list_segments(sealed / "gw1")]
    assert len(segments) > 6
    damages: list[Callable[[], object]] = [
        lambda: None,
        lambda: _spoil(segments[1]),
        segments[2].unlink,
        lambda: segments[3].write_bytes(segments[3].read_bytes()[:-100]),
        lambda: segments[4].write_bytes(b"\n".join(segments[4].read_bytes().split(b"\n")[1:])),
        lambda: segments[5].write_bytes(segments[6].read_bytes()),
    ]
    for place, damage in enumerate(damages):
        damage()
        if place not in (0, 2, 5):
            continue  # damage adds up; each process that is started costs a second
        one, several = verify(sealed), verify(sealed, processes=2)
        assert one == several
        assert one.ok is (damage is damages[0])


@pytest.mark.race
def test_verifying_while_records_are_written_sealed_and_compressed_raises_no_false_alarm(
    root: Path, key: SealKey
) -> None:
    async def scenario() -> list[object]:
        async with Writer(root, "gw1", segment_bytes=20_000, head_every=0.01) as writer:
            stop = False

            async def write() -> None:
                while not stop:
                    await asyncio.gather(*(writer.append(a_read(n)) for n in range(20)))

            async def keep_house() -> None:
                while not stop:
                    await asyncio.to_thread(seal, root, "gw1", key, most=50)
                    await asyncio.to_thread(compress, root)

            working = [asyncio.create_task(write()), asyncio.create_task(keep_house())]
            found: list[object] = []
            for _ in range(12):
                found += (await asyncio.to_thread(verify, root)).findings
            stop = True
            await asyncio.gather(*working)
            return found

    assert asyncio.run(scenario()) == []
    seal(root, "gw1", key)
    report = verify(root)
    assert report.ok
    assert report.nodes[0].sealed == report.records
    last = SealBook(root / "gw1").last()
    assert last is not None
    head_line = f"gw1-{last.statement.seq_to:012d}-{last.statement.head[:8]}"
    assert prove(root, head_line) is not None
