"""The grant book: the contract between the control plane, which writes it, and the gateway, which reads it.

A compiled, read-only list of keys, grants and published resources in one msgpack file that is replaced
whole. Days are days in China and inclusive at both ends. Articles are written ``"pack:number"``.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from shuqiao.kernel import Article

if TYPE_CHECKING:
    from collections.abc import Iterator

Mode = Literal["interface", "batch", "file"]


class BookError(Exception):
    """The file is not a grant book that can be served; says which row is wrong."""


class StaleBook(BookError):
    """An older revision was about to replace a newer one, which could bring a revoked grant back."""


class ColumnRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One granted column and its mask, in the text form of `store.Mask` ("none" shows the value)."""

    name: str
    mask: str = "none"


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One application key. The bearer secret is kept as SHA-256; the same secret, sealed, signs requests."""

    id: str
    department: str
    system: str
    secret_sha256: str
    sealed_secret: bytes
    state: Literal["active", "revoked"] = "active"
    not_after: date | None = None


class GrantRow(msgspec.Struct, frozen=True, kw_only=True):
    """One grant: who may read which columns and rows of which resource, for what, how and until when.

    A column that is not listed in `columns` is not there. `where` is the JSON form of
    `store.Condition`. `basis` lists articles of the packs that bind the provider; `state_basis` those on
    which a suspension or an end rests. `hash_key` is sealed (see `sealing.mint_hash_key`).
    """

    id: str
    case: str
    resource: str
    grantee: str
    keys: list[str]
    columns: list[ColumnRow]
    where: list[dict[str, Any]] = []
    purpose: str
    legal_basis: str
    modes: list[Mode]
    valid_from: date
    valid_until: date | None
    state: Literal["active", "suspended", "ended"] = "active"
    state_reason: str = ""
    state_basis: list[str] = []
    daily_quota: int | None = None
    rate_per_minute: int | None = None
    hash_key: bytes = b""
    basis: list[str] = []


class FileRow(msgspec.Struct, frozen=True):
    """A published file: the name and media type it is handed out with, size in bytes, SHA-256 (hex)."""

    filename: str
    media_type: str
    size: int
    sha256: str


class ResourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One mounted resource and the version that is published now (None: nothing is published).

    `lookup_keys` lists the declared keys, each a list of column names. `open_columns` None: not open;
    `open_masks`: the mask of each of them that is not open as it stands. Of a file
    (`kind` "file", with its facts in `file`) grants and `open_columns` name one column, 文件: the whole of it.
    `basis` names articles of the packs that bind the provider; its packs say which rules are quoted.
    """

    id: str
    entry: str
    name: str
    version: str | None
    lookup_keys: list[list[str]] = []
    open_columns: list[str] | None = None
    open_masks: dict[str, str] = {}
    provider: str
    basis: list[str] = []
    kind: Literal["table", "file"] = "table"
    file: FileRow | None = None


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """The whole book. `revision` only rises; `written_at` is an ISO moment."""

    revision: int
    written_at: str
    keys: dict[str, KeyRow] = {}
    grants: list[GrantRow] = []
    resources: dict[str, ResourceRow] = {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Book)


def book_path(home: Path) -> Path:
    """Where the book of an installation lies."""
    return home / "grantbook" / "book.msgpack"


def encode_book(book: Book) -> bytes:
    """The file's content. Raises BookError when the book would not be served (see `decode_book`)."""
    data = _encoder.encode(book)
    decode_book(data)
    return data


def decode_book(data: bytes) -> Book:
    """Read a book from bytes. Raises BookError for broken bytes, wrong types, mismatched or double ids
    and articles that cannot be read."""
    try:
        book = _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise BookError(f"not a grant book: {error}") from error
    for kind, rows in (("key", book.keys), ("resource", book.resources)):
        for row_id, row in rows.items():
            if row.id != row_id:
                raise BookError(f"{kind} {row_id!r} holds a row with id {row.id!r}")
    seen: set[str] = set()
    for grant in book.grants:
        if grant.id in seen:
            raise BookError(f"grant {grant.id!r} is listed twice")
        seen.add(grant.id)
        _check_articles(f"grant {grant.id!r}", [*grant.basis, *grant.state_basis])
    for resource in book.resources.values():
        _check_articles(f"resource {resource.id!r}", resource.basis)
    return book


def _check_articles(where: str, articles: list[str]) -> None:
    for text in articles:
        try:
            Article.parse(text)
        except ValueError as error:
            raise BookError(f"{where}: {error}") from error


def write_book(path: Path, book: Book) -> None:
    """Replace the book at `path` with `book`: whole or not at all, and durable when this returns.

    Writers take turns on a lock file beside it. Raises StaleBook when the file holds a newer revision
    (a restored installation deletes the file first), BookError when the book is not valid.
    """
    data = encode_book(book)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _turn(path):
        current = _revision_at(path)
        if current is not None and current > book.revision:
            raise StaleBook(f"revision {book.revision} would replace revision {current} in {path}")
        _replace(path, data)


def read_book(path: Path) -> Book:
    """Read the book at `path`. Raises FileNotFoundError when there is none, BookError when it is broken."""
    return decode_book(path.read_bytes())


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _revision_at(path: Path) -> int | None:
    """The revision in place; None when there is none or it is broken, because then anything is better."""
    try:
        return read_book(path).revision
    except (FileNotFoundError, BookError):
        return None


def _replace(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".book-", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
