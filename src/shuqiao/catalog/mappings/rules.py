"""The rules of a mapping: for each value of an entry the columns it comes from and how their words are understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from shuqiao.catalog.mappings.vocabulary import CYCLE_WORDS, OPENING_WORDS
from shuqiao.catalog.spreadsheet.layout import BY_KEY, LAYOUTS
from shuqiao.kernel import InvalidInput, Problem

# What a column may become, with the words for it; entry values first, then those of data items.
TARGETS: dict[str, str] = {
    column.key: f"{column.group}／{column.heading}" if column.group and not column.item else column.heading
    for layout in LAYOUTS.values()
    for column in reversed(layout.columns)
    if column.key not in {"format_category", "method_category"} or layout.id == "a"
}
TARGETS = {key: TARGETS[key] for key in (*BY_KEY, *(key for key in TARGETS if key not in BY_KEY))}
Form = Literal["", "html", "epoch_ms"]
MAX_FIELDS = 200


@dataclass(frozen=True)
class FieldRule:
    """Where one value comes from.

    sources: columns; the first that says something counts, or all of them joined with `join`. until: only what stands
    before the first of these characters. values: the source's word to ours. otherwise: what a word outside `values`
    becomes (None: stays as it is; empty: left out). default: where the source says nothing. form: html is made plain
    text, epoch_ms a day. shorten: cut to what fits. Whatever is replaced, left out or cut is reported.
    """

    sources: tuple[str, ...]
    join: str | None = None
    until: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    default: str = ""
    form: Form = ""
    shorten: bool = False


# Rules that say any of these say it all; others are understood as usual.
EXPLICIT = frozenset({"values", "otherwise", "until", "form", "shorten"})
# How words are understood where the rules do not say it themselves.
USUAL: dict[str, dict[str, Any]] = {
    "update_cycle": {"values": CYCLE_WORDS, "otherwise": "", "until": "(（"},
    "opening_type": {"values": OPENING_WORDS, "otherwise": ""},
    "summary": {"form": "html", "shorten": True},
    "contact_phone": {"shorten": True},
    "published_on": {"form": "epoch_ms"},
}


def usual(key: str, *sources: str) -> FieldRule:
    """The rule for a value that comes from these columns, its words understood as usual."""
    return FieldRule(sources, **USUAL.get(key, {}))


@dataclass(frozen=True)
class Rules:
    """A whole mapping. per: each record is an entry, or a data item of one. items: a column that lists the names of
    the data items. where: only records whose columns say this."""

    fields: Mapping[str, FieldRule]
    per: Literal["entry", "item"] = "entry"
    items: str = ""
    where: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The stored form; what is as always is left out."""
        plain: dict[str, Any] = {"per": self.per, "fields": {}}
        for key, rule in self.fields.items():
            given = {
                name: value for name, value in asdict(rule).items() if value not in ("", None, False, {})
            }
            if rule.otherwise is not None:
                given["otherwise"] = rule.otherwise
            given["from"] = list(given.pop("sources"))
            plain["fields"][key] = given
        if self.items:
            plain["items"] = self.items
        if self.where:
            plain["where"] = dict(self.where)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rules:
        """Read what `to_json` wrote. Raises InvalidInput naming everything that is no rule."""
        problems: list[Problem] = []
        fields: dict[str, FieldRule] = {}
        listed = data.get("fields")
        if not isinstance(listed, Mapping) or len(listed) > MAX_FIELDS:
            raise InvalidInput.one("fields", "应为要素到来源列的对应表")
        for key, given in listed.items():
            try:
                fields[key] = _field(key, given)
            except ValueError as error:
                problems.append(Problem(str(key)[:100], str(error)))
        if "title" not in listed:
            problems.append(Problem("title", "至少要指定信息资源名称来自哪一列"))
        per, items, where = data.get("per", "entry"), data.get("items", ""), data.get("where", {})
        if per not in ("entry", "item"):
            problems.append(Problem("per", "每行是一个资源（entry）或一个信息项（item）"))
        if not _is_text(items):
            problems.append(Problem("items", "应为一列的名称"))
        if not _is_words(where):
            problems.append(Problem("where", "应为列到内容的对应表，两边都是文字"))
        if problems:
            raise InvalidInput(problems)
        return cls(fields, per, items, dict(where))

    @property
    def columns(self) -> frozenset[str]:
        """Every column of the source the rules read."""
        named = {source for rule in self.fields.values() for source in rule.sources}
        return frozenset(named | set(self.where) | ({self.items} if self.items else set()))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_words(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, (*value.keys(), *value.values())))


# What each part of a rule must be, and how that is said.
PARTS: dict[str, tuple[Any, str]] = {
    "join": (lambda value: value is None or _is_text(value), "join 应为连接用的文字"),
    "until": (_is_text, "until 应为文字，列出到哪些字为止"),
    "values": (_is_words, "values 应为来源用语到本平台用语的对应表，两边都是文字"),
    "otherwise": (lambda value: value is None or _is_text(value), "otherwise 应为文字"),
    "default": (_is_text, "default 应为文字"),
    "form": (lambda value: value in get_args(Form), "form 只能是 html 或 epoch_ms"),
    "shorten": (lambda value: isinstance(value, bool), "shorten 应为是或否（true、false）"),
}


def _field(key: str, given: Any) -> FieldRule:
    """One rule. Raises ValueError with everything that is wrong, in words."""
    if key not in TARGETS:
        raise ValueError("没有这个要素")
    if _is_text(given) and given:
        return usual(key, given)
    if not isinstance(given, Mapping):
        raise ValueError("应写明来源列")
    rest = {name: value for name, value in given.items() if name != "from"}
    if unknown := rest.keys() - PARTS.keys():
        raise ValueError(f"没有这种规则：{'、'.join(sorted(str(one)[:40] for one in unknown))}")
    if wrong := [PARTS[name][1] for name, value in rest.items() if not PARTS[name][0](value)]:
        raise ValueError("；".join(wrong))
    sources = _sources(given.get("from", ()))
    if not sources and not given.get("default"):
        raise ValueError("应写明来源列或默认值")
    if "values" in rest and not rest["values"]:
        rest.pop("otherwise", None)
    return FieldRule(sources, **(rest if EXPLICIT & set(rest) else USUAL.get(key, {}) | rest))


def _sources(given: Any) -> tuple[str, ...]:
    """The columns a rule names. Raises ValueError."""
    listed = (given,) if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not all(_is_text(one) and one for one in listed):
        raise ValueError("from 应为来源列的名称，一列或几列")
    return tuple(listed)
