"""One record of a source as the cells of an entry, with what had to be assumed on the way."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from shuqiao.catalog import checking
from shuqiao.catalog.mappings.rules import TARGETS, FieldRule, Rules
from shuqiao.catalog.spreadsheet.unfolding import words_of

TAG = re.compile(r"<[^<>]{1,500}>")
SPACE = re.compile(r"[ \t\u3000]+")
# What portals write where they have nothing to say.
NOTHING = frozenset({"", "null", "None", "暂无", "无", "-", "--", "[]", "nan", "暂无联系方式"})
# Midnight in China at the beginning of the count, and counts that are days of this century or nearly.
EPOCH = datetime(1970, 1, 1, 8, tzinfo=UTC)
EPOCH_MS = re.compile(r"[0-9]{12,13}")
Note = tuple[str, str]


def wanted(record: Mapping[str, str], rules: Rules) -> bool:
    """Whether the rules are for this record."""
    return all(record.get(column, "") == value for column, value in rules.where.items())


def apply(record: Mapping[str, str], rules: Rules) -> tuple[dict[str, str], list[Note]]:
    """The record's cells by key, and (key, what was assumed) for whatever is not as the source says."""
    cells: dict[str, str] = {}
    notes: list[Note] = []
    for key, rule in rules.fields.items():
        if text := _value(key, rule, record, notes):
            cells[key] = text
    return cells, notes


def items_of(record: Mapping[str, str], rules: Rules) -> list[str]:
    """The names of the data items a column lists, each once."""
    text = record.get(rules.items, "") if rules.items else ""
    return list(dict.fromkeys(words_of(text))) if text not in NOTHING else []


def _value(key: str, rule: FieldRule, record: Mapping[str, str], notes: list[Note]) -> str:
    said = [text for source in rule.sources if (text := record.get(source, "").strip()) not in NOTHING]
    text = (said[0] if rule.join is None else rule.join.join(said)) if said else ""
    if text and rule.form:
        text = _formed(text, rule)
    if not text:
        if rule.default:
            notes.append((key, f"来源没有“{_name(key)}”，按方案默认填“{rule.default}”"))
        return rule.default
    if rule.until:
        text = re.split(f"[{re.escape(rule.until)}]", text, maxsplit=1)[0].strip()
    if rule.values:
        text = _understood(key, text, rule, notes)
    return _cut(key, text, notes) if rule.shorten else text


def _understood(key: str, text: str, rule: FieldRule, notes: list[Note]) -> str:
    if (found := rule.values.get(text)) is not None:
        return found
    if rule.otherwise is None:
        return text
    what = f"按“{rule.otherwise}”填" if rule.otherwise else "留空待填"
    notes.append((key, f"“{_name(key)}”写作“{text[:40]}”，不在方案的对应表中，{what}"))
    return rule.otherwise


def _cut(key: str, text: str, notes: list[Note]) -> str:
    limit = checking.LIMITS.get(key, checking.ITEM_LIMITS.get(key.removeprefix("item."), 1000))
    if len(text) <= limit:
        return text
    notes.append((key, f"“{_name(key)}”超过 {limit} 字，已截短"))
    return text[: limit - 1] + "…"


def _formed(text: str, rule: FieldRule) -> str:
    """The text in its form. What is no such form stays as it is: the reader says so at its cell."""
    if rule.form == "epoch_ms":
        return _day_of(text) if EPOCH_MS.fullmatch(text) else text
    if "<" not in text and "&" not in text:
        return text
    return SPACE.sub(" ", html.unescape(TAG.sub(" ", text))).strip()


def _day_of(milliseconds: str) -> str:
    return f"{EPOCH + timedelta(milliseconds=int(milliseconds)):%Y-%m-%d}"


def _name(key: str) -> str:
    return TARGETS[key].rpartition("／")[2]
