"""What the sample city is made of, as data: `data/*.toml` read into these structs. Unknown keys are errors."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeVar

import msgspec

Answer = Literal[
    "draft",
    "waiting",
    "supplement",
    "supplemented",
    "extension_asked",
    "extended",
    "extension_denied",
    "approved",
    "narrower",
    "refused",
    "withdrawn",
    "automatic",
]
AfterGrant = Literal["", "suspended", "ended", "expiring"]


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A struct that knows all its keys."""


class PackSpec(Strict, frozen=True, kw_only=True):
    """A rule pack that binds a division."""

    id: str
    house_rule: bool = False


class DivisionSpec(Strict, frozen=True, kw_only=True):
    """A division. `tag` begins the account names of its people, `area` the codes of what is invented there."""

    code: str
    tag: str
    name: str
    short: str
    prefix: str
    phone: str
    parent: str | None = None
    packs: tuple[PackSpec, ...] = ()


class DepartmentSpec(Strict, frozen=True, kw_only=True):
    """A department. `number`: its two digits in classification codes; `posts`: extra people beside clerk and head."""

    key: str
    division: str
    name: str
    short: str
    number: int
    kind: str = "government"
    posts: tuple[str, ...] = ()
    filed: bool = True


class ItemSpec(Strict, frozen=True, kw_only=True):
    """One data item, read from a line ``name | type length | column | flags | generator``."""

    name: str
    type: str
    length: str
    column: str
    flags: frozenset[str]
    generator: str

    @property
    def sensitive(self) -> str:
        """The kind of personal datum, from a flag like ``s:name``."""
        return next((flag[2:] for flag in self.flags if flag.startswith("s:")), "")


class FileSpec(Strict, frozen=True, kw_only=True):
    """A generated table: how many rows, how many of them spoiled, how written, and how far it has come.

    Without a word on its `second` edition there is one when the entry's update cycle has asked for it since; a `stale`
    table never got it.
    """

    rows: int
    form: Literal["csv", "xlsx", "json"] = "csv"
    encoding: str = "utf-8"
    spoiled: int = 0
    title: bool = False
    columns_as_header: bool = False
    start: int = 0
    keys: tuple[tuple[str, ...], ...] = ()
    modes: tuple[str, ...] = ("interface", "file")
    stage: Literal["uploaded", "built", "waiting", "returned", "published"] = "published"
    second: Literal["", "waiting", "published"] = ""
    stale: bool = False


class EntrySpec(Strict, frozen=True, kw_only=True):
    """An entry of the catalogue. `age`: working days since it was published (or, on its way, since the last step)."""

    key: str
    dept: str
    title: str
    summary: str
    items: str
    cycle: str
    age: int
    theme: str = ""
    kind: str = "department"
    base: str = ""
    classification: str = ""
    share: str = "unconditional"
    share_condition: str = ""
    share_scope: str = ""
    share_use: str = ""
    share_reason: str = ""
    share_basis: str = ""
    share_level: str = ""
    open: str = "closed"
    open_condition: str = ""
    open_basis: str = ""
    open_level: str = ""
    review: Literal["passed", "waiting"] = "passed"
    format: tuple[str, str] = ("database", "PostgreSQL")
    grade: str = "general"
    system: str = ""
    stage: Literal["draft", "submitted", "returned", "published", "revising"] = "published"
    reasons: tuple[tuple[str, str], ...] = ()
    file: FileSpec | None = None

    def item_specs(self) -> tuple[ItemSpec, ...]:
        """The lines of `items`."""
        return tuple(_item(line) for line in self.items.strip().splitlines())


class CaseSpec(Strict, frozen=True, kw_only=True):
    """A sharing request: who asks whom for what, and what became of it.

    `asked` and `answered` are working days before today; `decided` (for a narrower yes) replaces items, the
    row condition and the ways as given.
    """

    entry: str
    by: str
    answer: Answer
    asked: int
    items: tuple[tuple[str, str], ...]
    purpose: str
    scenario: str
    basis: str
    level: str
    answered: int = 0
    basis_text: str = ""
    where: tuple[dict[str, Any], ...] = ()
    modes: tuple[str, ...] = ("interface",)
    days: int = 365
    quota: int | None = None
    service_item: str = ""
    decided: tuple[tuple[str, str], ...] = ()
    decided_where: tuple[dict[str, Any], ...] | None = None
    reason: str = ""
    refusal_basis: str = ""
    refusal_level: str = ""
    points: tuple[str, ...] = ()
    extension_days: int = 0
    after: AfterGrant = ""
    system: str = ""


class CitySpec(Strict, frozen=True, kw_only=True):
    """Everything of the city."""

    divisions: tuple[DivisionSpec, ...]
    departments: tuple[DepartmentSpec, ...]
    entries: tuple[EntrySpec, ...]
    cases: tuple[CaseSpec, ...]


def _item(line: str) -> ItemSpec:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != 5:
        raise ValueError(f"an item line has five parts, this one {len(parts)}: {line!r}")
    name, kind, column, flags, generator = parts
    return ItemSpec(
        name=name,
        type=kind[0],
        length=kind[1:].strip(),
        column=column,
        flags=frozenset(flags.split()),
        generator=generator,
    )


T = TypeVar("T")


def _read(pattern: str, key: str, kind: type[T]) -> tuple[T, ...]:
    """The lists under `key` of all data files whose name begins with `pattern`, in the order of their names."""
    folder = resources.files("shuqiao.sample") / "data"
    found: list[T] = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.startswith(pattern) and file.name.endswith(".toml"):
            values = tomllib.loads(file.read_text(encoding="utf-8"))
            try:
                found += msgspec.convert(values[key], type=list[kind])  # type: ignore[valid-type]
            except (KeyError, msgspec.ValidationError) as error:
                raise ValueError(f"{file.name}: {error}") from error
    return tuple(found)


@cache
def city_spec() -> CitySpec:
    """The city as its data files describe it. Raises ValueError naming file and place."""
    return CitySpec(
        divisions=_read("places", "division", DivisionSpec),
        departments=_read("places", "department", DepartmentSpec),
        entries=_read("entries", "entry", EntrySpec),
        cases=_read("cases", "case", CaseSpec),
    )
