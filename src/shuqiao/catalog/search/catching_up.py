"""Bringing the index up to what the database says: by the numbered changes, or from the beginning.

Whoever searches first after a change does it, under the lock, in one commit; the worker does it before that when
it is running. A process that dies half way leaves the last commit, from which the next goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

from tantivy import IndexWriter

from shuqiao.catalog.models import ChangeCounter, Entry, EntryChange
from shuqiao.catalog.search import index
from shuqiao.catalog.search.documents import documents_of
from shuqiao.catalog.search.index import Reader, State

log = logging.getLogger("shuqiao.search")
BATCH, COMMIT_EVERY, CHANGES_AT_ONCE = 2_000, 200_000, 5_000
WAIT_SECONDS = 30.0
MAKING_SECONDS = 3.0  # while an index is made: a small one is done by then, for a large one nobody waits
FIRST_ID = UUID(int=0)
Progress = Callable[[int, int], None]


def last_change() -> int:
    """The number of the last change in the database; 0 when there is none. One query."""
    return ChangeCounter.objects.filter(pk=1).values_list("last", flat=True).first() or 0


def is_behind() -> bool:
    """Whether the database knows of changes that the index does not. One query."""
    reader = index.reader()
    if reader is None:
        return True
    wanted = last_change()
    if not reader.state.knows(wanted):
        reader.reload()
    return not reader.state.knows(wanted)


def current(wanted: int | None = None) -> Reader:
    """The index as new as the database, whose last change is `wanted`. Waits for whoever is writing; when that
    takes too long, what there is. Raises Busy when there is nothing whole."""
    if wanted is None:
        wanted = last_change()
    reader = index.reader()
    if reader and not reader.state.knows(wanted):
        reader.reload()
    if reader and reader.state.knows(wanted):
        return reader
    whole = reader is not None and reader.state.whole
    seconds = WAIT_SECONDS if index.progress() is None else 0.0 if whole else MAKING_SECONDS
    try:
        with index.locked(seconds):
            catch_up()
    except index.Busy:
        if reader is None or not whole:
            raise
        log.warning("the search index is behind: it knows %s of %s changes", reader.state.seq, wanted)
    return _newest()


def _newest() -> Reader:
    reader = index.reader()
    if reader is None:
        raise OSError("the search index cannot be made")
    reader.reload()
    return reader


def catch_up(progress: Progress | None = None) -> int:
    """Bring the current generation up to date; answer how many entries were read. To be called with the lock."""
    reader = index.reader()
    if reader:
        reader.reload()
        if not _is_ours(reader.state):
            log.warning("the search index is of another state of the database: it is made anew")
            index.forget(reader.path)
            reader = None
    if reader is None:
        path = index.begin_generation()
        index.make_current(path)
        index.drop_older_versions()
        return _write(path, State(), progress)
    if reader.state.knows(last_change()):
        return 0
    return _write(reader.path, reader.state, progress)


def rebuild(progress: Progress | None = None) -> int:
    """Make the index anew beside the current one, which is read until the new one is whole; answer the number of
    entries. Raises Busy when somebody else writes."""
    with index.locked(WAIT_SECONDS):
        path = index.begin_generation()
        done = _write(path, State(), progress)
        index.make_current(path)
    return done


def replace_damaged(reader: Reader) -> None:
    """Make the index anew after `reader` turned out to be damaged, unless somebody did already."""
    with index.locked(WAIT_SECONDS):
        index.forget(reader.path)
        catch_up()


def _is_ours(state: State) -> bool:
    """Whether the change the index came to is the one of this number in this database."""
    return state.seq <= 0 or state.mark == _mark(state.seq)


def _mark(seq: int) -> str:
    found = EntryChange.objects.filter(seq=seq).values_list("entry_id", "at").first()
    return f"{found[0]} {found[1].timestamp()}" if found else ""


def _write(path: Path, state: State, progress: Progress | None) -> int:
    opened, writer = index.writer_of(path, many=state.seq < 0 or bool(state.after))
    try:
        done = 0
        if state.seq < 0 or state.after:
            state, done = _first_pass(writer, state, progress)
        done += _changes(writer, state)
        writer.wait_merging_threads()
    finally:
        index.end_progress()
        del writer, opened
    return done


def _first_pass(writer: IndexWriter, state: State, progress: Progress | None) -> tuple[State, int]:
    """All entries in the order of their ids; what is changed meanwhile has a higher number and comes again."""
    seq = state.seq if state.after else last_change()
    mark = state.mark if state.after else _mark(seq)
    after, done, uncommitted = UUID(state.after) if state.after else FIRST_ID, 0, 0
    total = Entry.objects.filter(pk__gt=after).count()
    index.say_progress(0, total)
    while batch := _next_batch(after):
        last, number = batch
        if state.after:
            ids = Entry.objects.filter(pk__gt=after, pk__lte=last).values_list("pk", flat=True)
            _remove(writer, list(ids))
        _put(writer, entry__gt=after, entry__lte=last)
        after, done, uncommitted = last, done + number, uncommitted + number
        if uncommitted >= COMMIT_EVERY:
            index.say_state(writer, State(seq, str(after), mark))
            writer.commit()
            uncommitted = 0
        index.say_progress(done, total)
        if progress:
            progress(done, total)
    state = State(seq, "", mark)
    index.say_state(writer, state)
    writer.commit()
    return state, done


def _next_batch(after: UUID) -> tuple[UUID, int] | None:
    """The last id of the next entries and how many they are; None when there are none. Without reading all ids."""
    left = Entry.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    if full := list(left[BATCH - 1 : BATCH]):
        return full[0], BATCH
    ids = list(left)
    return (ids[-1], len(ids)) if ids else None


def _changes(writer: IndexWriter, state: State) -> int:
    """Entries changed since; each is read as it is now."""
    wanted, seq, done = last_change(), state.seq, 0
    while True:
        changes = list(
            EntryChange.objects.filter(seq__gt=seq)
            .order_by("seq")
            .values_list("seq", "entry_id")[:CHANGES_AT_ONCE]
        )
        if not changes:
            break
        seq = changes[-1][0]
        for ids in _batches(dict.fromkeys(entry_id for _, entry_id in changes)):
            _remove(writer, ids)
            _put(writer, entry__in=ids)
            done += len(ids)
        index.say_state(writer, State(seq, "", _mark(seq)))
        writer.commit()
    if seq < wanted:  # the list has been shortened
        index.say_state(writer, State(wanted, "", _mark(wanted)))
        writer.commit()
    return done


def _batches(ids: Iterable[UUID]) -> Iterator[Sequence[UUID]]:
    left = iter(ids)
    while batch := list(islice(left, BATCH)):
        yield batch


def _remove(writer: IndexWriter, ids: Sequence[UUID]) -> None:
    for entry_id in ids:
        writer.delete_documents_by_term("entry", str(entry_id))


def _put(writer: IndexWriter, **which: object) -> None:
    """Documents of these entries as they are now."""
    for document in documents_of(**which):
        writer.add_document(document)
