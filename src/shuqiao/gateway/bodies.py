"""The forms of bodies, in and out, that are written once: requests are read with them and OpenAPI is made of them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from shuqiao.store import MAX_KEYS

Cell = str | int | float | bool | None
Row = Annotated[dict[str, Cell], Meta(description="信息项名 → 值；没有值的为 null")]


class KeysAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys to look up in one call, each a list of values in the order of `by`."""

    keys: Annotated[list[Annotated[list[Cell], Meta(min_length=1)]], Meta(min_length=1, max_length=MAX_KEYS)]
    by: Annotated[list[str] | None, Meta(description="查询键的列；不给则为声明的第一个键")] = None
    select: Annotated[list[str] | None, Meta(description="要哪些信息项；不给则为授权的全部")] = None


class RowFound(msgspec.Struct):
    """One row by a key that names at most one."""

    resource: str
    version: str
    row: Row


class RowsFound(msgspec.Struct):
    """The rows of a key that may name several."""

    resource: str
    version: str
    rows: list[Row]


class KeysFound(msgspec.Struct):
    """For each key, in the order asked, its rows; none for a key that is not there for this grant."""

    resource: str
    version: str
    rows: list[list[Row]]


class RowsPage(msgspec.Struct):
    """One page of rows, or of groups and their figures."""

    resource: str
    version: str
    rows: list[Row]
    next: Annotated[str | None, Meta(description="下一页的 cursor；null 表示没有了")]
    count: Annotated[int | None, Meta(description="只在 count=exact 时给出")]


class Cited(msgspec.Struct):
    """An article that a refusal rests on."""

    article: str
    title: str
    summary: str


class ProblemBody(msgspec.Struct):
    """A refusal (RFC 9457) with rule, reason and legal basis."""

    type: str
    title: str
    status: int
    detail: str
    rule: str
    reason: str
    basis: list[Cited]
    receipt: Annotated[str | None, Meta(description="存证回执编号；没有存证时为 null")]


class Alive(msgspec.Struct):
    """The process answers."""

    status: str


class Readiness(msgspec.Struct):
    """Whether reads are answered, and why not."""

    status: str
    reasons: list[str]
    faults: Annotated[list[str], Meta(description="授权簿中不能使用的密钥和授权，以及原因")]
    book: Annotated[int, Meta(description="正在使用的授权簿版次；-1 表示还没有")]
    node: str
