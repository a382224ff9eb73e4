"""Reads a rule pack from TOML and refuses, with file, key and reason, whatever cannot be right."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from shuqiao.kernel import Article
from shuqiao.law.types import (
    OPEN_TYPES,
    ArticleKind,
    BasisLevel,
    OpenType,
    Pack,
    PackArticle,
    ParamValue,
    RuleText,
    TermText,
    TermUnit,
    split_reference,
)
from shuqiao.law.vocabulary import NEEDS, RULES, TERMS

Wanted = TypeVar("Wanted")
NOT_ANSWERED = "规则包没有回答这一项。"
_MISSING: Any = object()


class PackError(ValueError):
    """A pack that cannot be right: which file, which key, why."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        self.file, self.key, self.reason = file, key, reason
        super().__init__(f"{file}: {key}: {reason}")


_own: dict[str, Path] = {}  # at most one folder, under "folder"


def use_packs_of(folder: str | Path | None) -> None:
    """Load a city's own packs from this folder too (SHUQIAO_PACKS); None: only those that come with Shuqiao.

    They are read at the next `load_packs`, which raises PackError when the folder or a pack in it cannot be right.
    """
    wanted = {"folder": Path(folder)} if folder else {}
    if wanted != _own:
        _own.clear()
        _own.update(wanted)
        load_packs.cache_clear()


@cache
def load_packs() -> Mapping[str, Pack]:
    """The packs that come with Shuqiao, and the installation's own, by id. Raises PackError on a bad one."""
    found = _packs_in(files("shuqiao.law") / "packs")
    if own := _own.get("folder"):
        if not own.is_dir():
            raise PackError(str(own), "SHUQIAO_PACKS", "there is no such folder")
        for pack_id, pack in _packs_in(own, whole=False).items():
            if pack_id in found:
                raise PackError(f"{pack_id}.toml", "id", f"{pack_id!r} comes with Shuqiao; choose another id")
            found[pack_id] = pack
    return found


def _packs_in(folder: Traversable, *, whole: bool = True) -> dict[str, Pack]:
    found: dict[str, Pack] = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            pack = parse_pack(entry.read_text(encoding="utf-8"), file=entry.name, whole=whole)
            if entry.name != f"{pack.id}.toml":
                raise PackError(entry.name, "id", f"is {pack.id!r}; the file must be called {pack.id}.toml")
            found[pack.id] = pack
    return found


def parse_pack(text: str, *, file: str, whole: bool = True) -> Pack:
    """Read one pack. `file` is only named in errors. Raises PackError.

    `whole`: every term and rule must be answered. A city's own pack may leave out what its text does not say, and is
    not broken by a release that knows one more rule: what it leaves out is silent, with NOT_ANSWERED as its note.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(file, "(file)", f"not TOML: {error}") from None
    top = _Table(data, file, "")
    pack_id = top.take("id", str)
    title, short = top.take("title", str), top.take("short_title", str)
    articles = _articles(top)
    refs = _References(pack_id, articles)
    starts, ends = top.take("in_force_from", date), top.take("in_force_until", date, None)
    if ends is not None and ends < starts:
        raise top.error("in_force_until", f"{ends} lies before in_force_from {starts}")
    pack = Pack(
        id=pack_id,
        title=title,
        short_title=short,
        shorter_title=top.take("shorter_title", str, short),
        issuer=top.take("issuer", str),
        level=_level(top, "level", top.take("level", str)),
        in_force_from=starts,
        in_force_until=ends,
        open_type_names=_open_type_names(top),
        articles=articles,
        terms=_collect(top, "terms", TERMS, refs, _term, whole),
        rules=_collect(top, "rules", RULES, refs, _rule, whole),
        note=top.take("note", str, ""),
    )
    top.finish()
    return pack


class _Table:
    """A TOML table being read: knows where it is, and which keys nobody asked for."""

    def __init__(self, data: Mapping[str, Any], file: str, path: str) -> None:
        self.data, self.file, self.path = data, file, path
        self.asked: set[str] = set()

    def error(self, key: str, reason: str) -> PackError:
        return PackError(self.file, f"{self.path}.{key}" if self.path else key, reason)

    def take(self, key: str, kind: type[Wanted], default: Any = _MISSING) -> Wanted:
        self.asked.add(key)
        value = self.data.get(key, default)
        if value is _MISSING:
            raise self.error(key, "is missing")
        if value is default:
            return value  # type: ignore[no-any-return]  # the default is the caller's own value
        wrong_bool = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or wrong_bool or isinstance(value, datetime):
            raise self.error(key, f"want {_WORDS[kind]}, got {value!r}")
        if value == "":
            raise self.error(key, "is empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.take(key, list, [])
        if not all(isinstance(value, str) and value for value in values):
            raise self.error(key, f"want a list of texts, got {values!r}")
        if len(set(values)) != len(values):
            raise self.error(key, f"names something twice: {values!r}")
        return tuple(values)

    def tables(self, key: str) -> Iterable[_Table]:
        for index, data in enumerate(self.take(key, list)):
            path = f"{key}[{index}]"
            if not isinstance(data, dict):
                raise PackError(self.file, path, "want a table")
            name = data.get("id", data.get("number"))
            yield _Table(data, self.file, f"{key}[{name}]" if name is not None else path)

    def finish(self) -> None:
        unknown = sorted(set(self.data) - self.asked)
        if unknown:
            raise self.error(unknown[0], f"unknown key; known here: {', '.join(sorted(self.asked))}")


_WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    date: "a date such as 2022-06-10",
    list: "a list",
    dict: "a table",
}


class _References:
    """Turns article numbers into articles of this pack, refusing those that do not exist."""

    def __init__(self, pack_id: str, articles: Mapping[str, PackArticle]) -> None:
        self.pack_id, self.articles = pack_id, articles

    def resolve(self, table: _Table, key: str, number: str) -> Article:
        try:
            head, _ = split_reference(number)
        except LookupError as error:
            raise table.error(key, str(error)) from None
        if head not in self.articles:
            raise table.error(key, f"article {number} does not exist; the text has 1 to {len(self.articles)}")
        return Article(self.pack_id, number)


def _articles(top: _Table) -> dict[str, PackArticle]:
    found: dict[str, PackArticle] = {}
    for table in top.tables("articles"):
        number = str(table.take("number", int))
        if number in found:
            raise table.error("number", f"article {number} is there twice")
        kind = table.take("kind", str)
        if kind not in set(ArticleKind):
            raise table.error("kind", f"want S, R or D, got {kind!r}")
        found[number] = PackArticle(number, ArticleKind(kind), table.take("summary", str))
        table.finish()
    missing = [number for number in range(1, len(found) + 1) if str(number) not in found]
    if missing or not found:
        raise top.error("articles", f"the run 1 to n has holes: article {missing[:1] or [1]} is missing")
    return found


def _open_type_names(top: _Table) -> dict[OpenType, str]:
    names = _Table(top.take("open_type_names", dict, {}), top.file, "open_type_names")
    if not names.data:
        return {}
    found: dict[OpenType, str] = {name: names.take(name, str) for name in OPEN_TYPES}
    names.finish()
    return found


def _level(table: _Table, key: str, value: str) -> BasisLevel:
    try:
        return BasisLevel(value)
    except ValueError:
        raise table.error(key, f"unknown level {value!r}; want one of {', '.join(BasisLevel)}") from None


def _collect(  # noqa: PLR0917 - two lists read alike
    top: _Table, key: str, known: Mapping[str, Any], refs: _References, read: Any, whole: bool
) -> dict[str, Any]:
    """Every entry of a list by its id: none unknown, none twice, none missing from a whole pack."""
    found: dict[str, Any] = {}
    for table in top.tables(key):
        name = table.take("id", str)
        if name not in known:
            raise table.error("id", f"unknown id {name!r}; known: {', '.join(known)}")
        if name in found:
            raise table.error("id", f"{name} is there twice")
        found[name] = read(table, name, refs)
        table.finish()
    missing = [name for name in known if name not in found]
    if not whole:
        for name in missing:
            found[name] = read(_Table({"silent": True, "note": NOT_ANSWERED}, top.file, key), name, refs)
    elif missing:
        raise top.error(key, f"no entry for {missing[0]}; state it, or say silent = true and why in note")
    return {name: found[name] for name in known}


def _silence(table: _Table) -> bool:
    silent = table.take("silent", bool, False)
    if silent and not table.data.get("note"):
        raise table.error(
            "note", "a silent entry says where the text would have set it, and that it does not"
        )
    return silent


def _needs(table: _Table, key: str) -> frozenset[str]:
    words = table.texts(key)
    unknown = [word for word in words if word not in NEEDS]
    if unknown:
        raise table.error(key, f"unknown need {unknown[0]!r}; known: {', '.join(NEEDS)}")
    return frozenset(words)


def _positive(table: _Table, key: str, default: Any = _MISSING) -> int:
    value = table.take(key, int, default)
    if value is not None and value < 1:
        raise table.error(key, f"want at least 1 day, got {value}")
    return value


def _term(table: _Table, name: str, refs: _References) -> TermText:
    silent, note = _silence(table), table.take("note", str, "")
    number = table.take("article", str, None) if silent else table.take("article", str)
    article = None if number is None else refs.resolve(table, "article", number)
    if silent:
        return TermText(name, None, TermUnit.WORKDAY, "", article, note=note)
    unit = table.take("unit", str)
    if unit not in set(TermUnit):
        raise table.error("unit", f"unknown unit {unit!r}; want {', '.join(TermUnit)}")
    extension = _positive(table, "extension_days", None)
    extension_article = None
    if extension is not None:
        extension_article = refs.resolve(table, "extension_article", table.take("extension_article", str))
    return TermText(
        term_id=name,
        days=_positive(table, "days"),
        unit=TermUnit(unit),
        counted_from=table.take("from", str),
        article=article,
        extension_days=extension,
        extension_article=extension_article,
        extension_needs=_needs(table, "extension_needs") if extension is not None else frozenset(),
        note=note,
    )


def _rule(table: _Table, name: str, refs: _References) -> RuleText:
    silent, note = _silence(table), table.take("note", str, "")
    articles = tuple(refs.resolve(table, "articles", number) for number in table.texts("articles"))
    if silent:
        return RuleText(name, True, articles, frozenset(), frozenset(), {}, "", note)
    if not articles:
        raise table.error("articles", "a stated rule cites at least one article")
    levels = frozenset(_level(table, "levels", value) for value in table.texts("levels"))
    if levels and BasisLevel.LAW not in levels:
        raise table.error("levels", "a list of accepted levels contains law")
    return RuleText(
        rule_id=name,
        silent=False,
        articles=articles,
        needs=_needs(table, "needs"),
        levels=levels,
        params=_params(table, name),
        statement=table.take("statement", str),
        note=note,
    )


def _params(table: _Table, rule_id: str) -> dict[str, ParamValue]:
    params = _Table(table.take("params", dict, {}), table.file, f"{table.path}.params")
    found: dict[str, ParamValue] = {}
    for key, order in RULES[rule_id].params.items():
        if key not in params.data:
            continue
        params.asked.add(key)
        value = params.data[key]
        value = tuple(value) if isinstance(value, list) else value
        problem = order.problem(value)
        if problem:
            raise params.error(key, f"{problem}, got {value!r}")
        found[key] = value
    params.asked.update(RULES[rule_id].params)
    params.finish()
    return found
