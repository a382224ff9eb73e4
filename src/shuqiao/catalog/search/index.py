"""The index on this node: where it lies, who may write it, how it is read.

`<HOME>/search/v<VERSION>/` holds `lock` (whoever has it writes), `current` (the name of the generation that is
read), `progress` (while one is made: how many of how many entries are in it) and the generations. What the index
knows (up to which change) is a document of the index itself, so that it changes in the same commit as the entries.
The index is derived: whatever is wrong with it, it is made anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import shutil
import threading
import time
from collections.abc import Hashable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from tantivy import (
    Document,
    Index,
    IndexWriter,
    Query,
    Schema,
    SchemaBuilder,
    Searcher,
    TextAnalyzerBuilder,
    Tokenizer,
)

from shuqiao.kernel import ShuqiaoError
from shuqiao.kernel.ids import new_id

log = logging.getLogger("shuqiao.search")
VERSION = 7
# What a document is told apart by, all in the field `tags`: a field of its own for each would be a third of the adding.
TAGS = frozenset({"seen", "status", "department", "kind", "format", "sharing", "opening", "cycle"})
STATE_ID = "state"
START_MAX = 8  # so many letters of a title's beginning are words of their own; longer ones are of few titles


class Busy(ShuqiaoError):
    """Somebody else has been writing for longer than we wait."""

    def __init__(self) -> None:
        how_far = progress()
        super().__init__(
            f"检索索引正在建立，已完成 {how_far[0]:,} / {how_far[1]:,} 条，请稍后再试"
            if how_far
            else "检索索引正在更新，请稍后再试"
        )


@lru_cache(maxsize=1)
def schema() -> Schema:
    """Fields of a document; what they hold is said in `documents`. A change needs another VERSION."""
    fields = SchemaBuilder()
    fields.add_bytes_field("line", stored=True, indexed=False)
    for name in ("entry", "essence", "former"):
        fields.add_text_field(name, tokenizer_name="raw", index_option="basic")
    fields.add_text_field("tags", tokenizer_name="whitespace", index_option="basic")
    for name in ("mixed", "of_department"):  # what is counted of the tags
        fields.add_unsigned_field(name, fast=True)
    for name in ("division", "theme", "key", "codes"):
        fields.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    fields.add_text_field("starts", tokenizer_name="starts", index_option="basic")
    # A word twice in a title is not twice as much of it.
    fields.add_text_field("title", tokenizer_name="letters_and_pairs", index_option="basic")
    fields.add_text_field("items", tokenizer_name="pairs", index_option="freq")
    fields.add_text_field("text", tokenizer_name="pairs", index_option="freq")
    for name in ("words", "latin", "sounds", "initials"):
        fields.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    fields.add_integer_field("remind", fast=True)
    fields.add_integer_field("due", indexed=True, fast=True)
    fields.add_unsigned_field("by_newest", fast=True)
    fields.add_float_field("tie", fast=True)
    return fields.build()


def _with_tokenizers(index: Index) -> Index:
    """Letters and pairs are cut in the index's own threads; every process says how once it opens it. What comes is
    `folded` already: another filter for lower case is a tenth of the indexing."""
    for name, least in (("letters_and_pairs", 1), ("pairs", 2)):
        analyzer = TextAnalyzerBuilder(Tokenizer.ngram(least, 2)).build()
        index.register_tokenizer(name, analyzer)
    starts = Tokenizer.ngram(2, START_MAX, prefix_only=True)
    index.register_tokenizer("starts", TextAnalyzerBuilder(starts).build())
    index.register_tokenizer("whitespace", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    return index


def tag(field: str, value: str) -> str:
    """The word that says of a document that one of its TAGS is this. To be called with values without spaces."""
    return f"{field}:{value}"


@dataclass(frozen=True, slots=True)
class State:
    """Up to which change the index knows the catalogue. `after` not empty: the first pass over all entries has come
    to this id. `mark` names the change `seq` itself, by which another database is recognised."""

    seq: int = -1
    after: str = ""
    mark: str = ""

    @property
    def whole(self) -> bool:
        """Whether the first pass over all entries has ended."""
        return self.seq >= 0 and not self.after

    def knows(self, seq: int) -> bool:
        """Whether the index holds everything up to this change, and nothing else is under way."""
        return self.seq == seq and not self.after


class Reader:
    """One generation as this process reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index = _with_tokenizers(Index.open(str(path)))
        self.index.config_reader(reload_policy="manual")
        self.searcher: Searcher
        self.state = State()
        self.kept: dict[
            Hashable, dict[str, list[tuple[str, int]]]
        ] = {}  # counts that hold until the next commit
        self.reload()

    def reload(self) -> None:
        """Read the newest commit."""
        self.index.reload()
        searcher = self.index.searcher()
        found = searcher.search(Query.term_query(schema(), "entry", STATE_ID, "basic"), 1, count=False).hits
        said = searcher.doc(found[0][1]).get_first("line") if found else None
        self.state = State(**json.loads(bytes(said))) if said else State()
        self.searcher, self.kept = searcher, {}

    def is_sound(self) -> bool:
        """Whether every part of the generation can still be opened."""
        try:
            Reader(self.path)
        except (ValueError, OSError):
            return False
        return True


_readers: dict[Path, Reader] = {}
_opening = threading.Lock()


def root() -> Path:
    """The folder of this version of the index."""
    return _root(str(settings.HOME))


@lru_cache(maxsize=8)
def _root(home: str) -> Path:
    return Path(home) / "search" / f"v{VERSION}"


@lru_cache(maxsize=8)
def _pointer(folder: Path) -> Path:
    return folder / "current"


@lru_cache(maxsize=8)
def _generation(folder: Path, name: str) -> Path:
    return folder / name


def reader() -> Reader | None:
    """The current generation; None when there is none, or none that can be opened."""
    folder = root()
    try:
        with _pointer(folder).open("rb") as pointer:
            name = pointer.read().decode().strip()
    except FileNotFoundError:
        return None
    path = _generation(folder, name)
    with _opening:
        known = _readers.get(path)
        if known is None:
            try:
                known = Reader(path)
            except (ValueError, OSError) as error:
                log.warning("the search index %s cannot be read (%s): it is made anew", path.name, error)
                return None
            for old in [one for one in _readers if one.parent == path.parent]:
                del _readers[old]
            _readers[path] = known
    return known


@contextlib.contextmanager
def locked(seconds: float) -> Iterator[None]:
    """Be the only writer, among threads and processes. Raises Busy after `seconds`. Ends with the process."""
    root().mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + seconds
    with (root() / "lock").open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Busy from None
                time.sleep(0.005)
        yield


def say_progress(done: int, total: int) -> None:
    """Tell those who wait how far the making of a generation has come. To be called with the lock."""
    said = root() / "progress.new"
    said.write_text(f"{done} {total}")
    said.replace(root() / "progress")


def end_progress() -> None:
    """Nothing is being made any more. To be called with the lock."""
    (root() / "progress").unlink(missing_ok=True)


def progress() -> tuple[int, int] | None:
    """Of how many entries how many are in the generation that is being made; None when none is. One whose maker died
    stays until the next one's."""
    try:
        done, total = (root() / "progress").read_text().split()
    except FileNotFoundError:
        return None
    return int(done), int(total)


def begin_generation() -> Path:
    """An empty generation that nobody reads yet. To be called with the lock."""
    path = root() / f"g{new_id().hex}"
    path.mkdir(parents=True)
    Index(schema(), path=str(path))
    return path


def make_current(path: Path) -> None:
    """From now on this generation is read; all others go. To be called with the lock."""
    pointer = root() / "current.new"
    pointer.write_text(path.name)
    pointer.replace(root() / "current")
    for old in root().glob("g*"):
        if old != path:
            shutil.rmtree(old, ignore_errors=True)


def forget(path: Path) -> None:
    """This generation is damaged: nobody shall open it again. To be called with the lock."""
    with contextlib.suppress(FileNotFoundError):
        if (root() / "current").read_text().strip() == path.name:
            (root() / "current").unlink()
    with _opening:
        _readers.pop(path, None)


def drop_older_versions() -> None:
    """Indexes of earlier releases are of no use any more."""
    for old in root().parent.glob("v*"):
        if old != root() and old.name[1:].isdigit() and int(old.name[1:]) < VERSION:
            shutil.rmtree(old, ignore_errors=True)


def writer_of(path: Path, *, many: bool) -> tuple[Index, IndexWriter]:
    """The writer of a generation: small for a few changes; for all entries one thread beside the one that reads
    the database, with room for a hundred thousand entries in a single segment: two threads would know most words
    twice, and every question would ask two segments."""
    index = _with_tokenizers(Index.open(str(path)))
    return index, index.writer(512_000_000, 1) if many else index.writer(15_000_000, 1)


def say_state(writer: IndexWriter, state: State) -> None:
    """Put what the index knows into the next commit."""
    writer.delete_documents_by_term("entry", STATE_ID)
    said = Document()
    said.add_text("entry", STATE_ID)
    said.add_bytes("line", json.dumps(asdict(state)).encode())
    writer.add_document(said)
