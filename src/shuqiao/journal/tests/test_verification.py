"""Whatever is done to the files afterwards, `verify` finds it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao.journal import Head, Kind, Progress, Receipt, Record, Writer, head, heads, iter_records, verify
from shuqiao.journal.head import write_head
from shuqiao.journal.segments import list_segments, make_line
from shuqiao.journal.tests.conftest import a_read, write_log

RECORDS = 40
places = st.floats(min_value=0, max_value=1, exclude_max=True)
thorough = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("model") / "journal"
    write_log(root, RECORDS, segment_bytes=2500)
    write_log(root, 15, node="gw2", segment_bytes=2500)
    assert verify(root).ok
    assert len(list_segments(root / "gw1")) >= 3
    return root


@contextmanager
def copied(model: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copytree(model, Path(folder) / "journal"))


def _segments(root: Path) -> list[Path]:
    return [segment.path for segment in list_segments(root / "gw1")]


def _all_lines(root: Path) -> list[tuple[Path, int]]:
    return [(path, n) for path in _segments(root) for n in range(path.read_bytes().count(b"\n"))]


def _edit(path: Path, number: int, *lines: bytes) -> None:
    content = path.read_bytes().splitlines(keepends=True)
    content[number : number + 1] = lines
    path.write_bytes(b"".join(content))


def _line(path: Path, number: int) -> bytes:
    return path.read_bytes().splitlines(keepends=True)[number]


@pytest.mark.article("yingkou-2022", "22")
@thorough
@given(which=places, where=places, flip=st.integers(1, 255))
def test_any_changed_byte_is_found(model: Path, which: float, where: float, flip: int) -> None:
    with copied(model) as root:
        files = [*_segments(root), root / "gw1" / "HEAD", root / "nodes"]
        path = files[int(which * len(files))]
        content = bytearray(path.read_bytes())
        content[int(where * len(content))] ^= flip
        path.write_bytes(content)
        assert not verify(root).ok


@thorough
@given(start=places, length=st.integers(1, 30))
def test_any_removed_lines_are_found(model: Path, start: float, length: int) -> None:
    with copied(model) as root:
        lines = _all_lines(root)
        begin = int(start * len(lines))
        for path, number in reversed(lines[begin : begin + length]):
            _edit(path, number)
        assert not verify(root).ok


@thorough
@given(one=places, other=places)
def test_any_two_swapped_lines_are_found(model: Path, one: float, other: float) -> None:
    with copied(model) as root:
        lines = _all_lines(root)
        a, b = lines[int(one * len(lines))], lines[int(other * len(lines))]
        if a == b:
            return
        first, second = _line(*a), _line(*b)
        _edit(*a, second)
        _edit(*b, first)
        assert not verify(root).ok


@thorough
@given(source=places, target=places)
def test_any_inserted_line_is_found(model: Path, source: float, target: float) -> None:
    with copied(model) as root:
        lines = _all_lines(root)
        extra = _line(*lines[int(source * len(lines))])
        path, number = lines[int(target * len(lines))]
        _edit(path, number, _line(path, number), extra)
        assert not verify(root).ok


@thorough
@given(which=places, where=places)
def test_any_shortened_segment_is_found(model: Path, which: float, where: float) -> None:
    with copied(model) as root:
        path = _segments(root)[int(which * len(_segments(root)))]
        content = path.read_bytes()
        path.write_bytes(content[: int(where * len(content))])
        assert not verify(root).ok


def test_missing_swapped_and_foreign_segments_are_found_and_named(model: Path) -> None:
    count = len(_segments(model))
    for gone in range(count):
        with copied(model) as root:
            _segments(root)[gone].unlink()
            kinds = {finding.kind for finding in verify(root).findings}
            assert kinds & {Kind.MISSING_SEGMENT, Kind.HEAD}
    with copied(model) as root:
        first, second = _segments(root)[:2]
        kept = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(kept)
        assert {finding.segment for finding in verify(root).findings} >= {first.name, second.name}
    with copied(model) as root:
        shutil.copy(root / "gw2" / _segments(root)[0].name, _segments(root)[0])
        found = verify(root).findings[0]
        assert (found.kind, found.segment) == (Kind.HEADER, _segments(root)[0].name)
    with copied(model) as root:
        shutil.copy(_segments(root)[-1], root / "gw1" / "seg-000000000099.log")
        assert not verify(root).ok
    with copied(model) as root:
        (root / "gw1" / "seg-1.log.bak").write_bytes(b"")
        assert [finding.kind for finding in verify(root).findings] == [Kind.FOREIGN]


def test_missing_and_unregistered_nodes_are_found(model: Path) -> None:
    with copied(model) as root:
        shutil.rmtree(root / "gw2")
        assert Kind.MISSING_NODE in {finding.kind for finding in verify(root).findings}
        assert verify(root, node="gw1").ok
    with copied(model) as root:
        (root / "gw2").rename(root / "gw3")
        assert {finding.node for finding in verify(root).findings} == {"gw2", "gw3"}


def test_a_finding_names_segment_sequence_and_offset(model: Path) -> None:
    with copied(model) as root:
        path = _segments(root)[1]
        offset = len(_line(path, 0)) + len(_line(path, 1))
        _edit(path, 2, _line(path, 2).replace("营口".encode(), "沈阳".encode()))
        [finding] = verify(root).findings
        seq = int(path.name[4:16]) + 1
        assert (finding.segment, finding.seq, finding.offset, finding.kind) == (
            path.name,
            seq,
            offset,
            Kind.CHANGED,
        )
        _edit(path, 2)
        [finding] = verify(root).findings
        assert (finding.seq, finding.offset, finding.kind) == (seq, offset, Kind.REMOVED)


def _rewrite_from(root: Path, forged: bytes) -> Head:
    """What somebody with the program can do: change the last record and link it properly again."""
    path = _segments(root)[-1]
    lines = path.read_bytes().splitlines(keepends=True)
    prev = bytes.fromhex(lines[-2][:64].decode())
    seq = int(lines[-1][67:79])
    lines[-1], digest = make_line(prev, b"R", seq, forged)
    path.write_bytes(b"".join(lines))
    return Head("gw1", seq, digest.hex())


def test_a_properly_relinked_forgery_is_found_by_the_head_and_with_a_forged_head_by_an_anchor(
    model: Path,
) -> None:
    with copied(model) as root:
        anchors = heads(root)
        forged = _rewrite_from(root, b'{"kind":"read","at":"2026-01-01T00:00:00.000+08:00"}')
        assert [finding.kind for finding in verify(root).findings] == [Kind.HEAD]
        write_head(root / "gw1", forged)
        assert verify(root).ok  # the limit stated in the documentation: without an anchor this is not found
        assert [finding.kind for finding in verify(root, anchors=anchors).findings] == [Kind.ANCHOR]


def test_removing_the_end_together_with_the_head_is_found_by_an_anchor(model: Path) -> None:
    with copied(model) as root:
        anchors = heads(root)
        last = _segments(root)[-1]
        entries = list(iter_records(root, "gw1"))
        _edit(last, len(last.read_bytes().splitlines()) - 1)
        write_head(root / "gw1", Head("gw1", RECORDS - 1, entries[-2].receipt.hash))
        assert verify(root).ok
        assert not verify(root, anchors=anchors).ok
        shutil.rmtree(root / "gw1")
        (root / "nodes").write_text("gw2\n")
        assert verify(root).ok
        assert not verify(root, anchors=anchors).ok


def test_an_old_anchor_still_holds_when_the_log_has_grown(root: Path, log: list[Receipt]) -> None:
    anchor = head(root, "gw1")
    write_log(root, 30)
    assert verify(root, anchors=[anchor]).ok
    assert verify(root, anchors=[Head("gw1", 0, "0" * 64)]).ok


def test_progress_ends_at_the_whole(model: Path) -> None:
    seen: list[Progress] = []
    report = verify(model, progress=seen.append)
    assert seen[-1].bytes_done == seen[-1].bytes_total == sum(node.bytes for node in report.nodes)
    assert report.records == RECORDS + 15


def test_an_unreadable_mass_is_bounded_in_memory_and_findings(root: Path, log: list[Receipt]) -> None:
    with _segments(root)[-1].open("ab") as file:
        file.write(b"x" * (5 << 20))
        file.write(b"\n" * 5000)
    report = verify(root)
    assert report.found > 5000
    assert len(report.findings) == 1000


@pytest.mark.race
def test_verifying_while_a_writer_is_at_work_raises_no_false_alarm(root: Path) -> None:
    async def scenario() -> list[bool]:
        async with Writer(root, "gw1", segment_bytes=20_000, head_every=0.01) as writer:
            stop = False

            async def write() -> None:
                while not stop:
                    await asyncio.gather(*(writer.append(a_read(n)) for n in range(20)))

            writing = asyncio.create_task(write())
            reports = [await asyncio.to_thread(verify, root) for _ in range(15)]
            stop = True
            await writing
            return [report.ok for report in reports]

    assert all(asyncio.run(scenario()))


texts = st.text(max_size=40)
records = st.builds(
    Record,
    kind=st.sampled_from(["read", "refusal", "event"]),
    grant=texts,
    query=texts,
    columns=st.lists(texts, max_size=4),
    rows=st.integers(0, 10**9),
    extra=st.dictionaries(texts, st.none() | st.integers(-(2**60), 2**60) | texts, max_size=4),
)


@settings(max_examples=60, deadline=None)
@given(batch=st.lists(records, min_size=1, max_size=30), segment_bytes=st.integers(200, 5000))
def test_whatever_is_written_verifies_and_reads_back(batch: list[Record], segment_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with Writer(Path(folder), "n", segment_bytes=segment_bytes) as writer:
            receipts = list(writer.append_many_sync(batch))
        assert verify(Path(folder)).ok
        entries = list(iter_records(Path(folder), "n"))
        assert [entry.receipt for entry in entries] == receipts
        assert [(e.record.query, e.record.extra, e.record.rows) for e in entries] == [
            (r.query, r.extra, r.rows) for r in batch
        ]
