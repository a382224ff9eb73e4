"""Which list inside a JSON document holds the records."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.delimited import text_blocks
from shuqiao.store.reading.source import Source

MAX_DOCUMENT = 256 << 20
_MAX_PATHS = 50


def choose_path(source: Source, encoding: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The proposed path and all candidates as (path, number of objects), shallow ones first.

    A top-level array is the path "". Otherwise the shallowest list of objects, and on down as long as its
    objects hold plain values and exactly one further list of objects. Raises InvalidInput when there is none.
    """
    blocks = text_blocks(source, encoding)
    first = ""
    for block in blocks:
        first += block
        if first.lstrip("\ufeff \t\r\n"):
            break
    if first.lstrip("\ufeff \t\r\n").startswith("["):
        return "", ()
    document = _load(source, first, blocks)
    counts: Counter[str] = Counter()
    single: dict[str, set[str]] = {}
    _collect(document, "", counts, single, depth=0)
    if not counts:
        raise InvalidInput.one(source.filename, "JSON 里没有由对象组成的列表")
    ordered = sorted(counts.items(), key=lambda item: (item[0].count("[]"), item[0].count("."), -item[1]))
    path = ordered[0][0]
    while len(single.get(path, ())) == 1:
        path = next(iter(single[path]))
    return path, tuple(ordered[:_MAX_PATHS])


def _load(source: Source, first: str, blocks: Any) -> Any:
    parts, size = [first], len(first)
    for block in blocks:
        parts.append(block)
        size += len(block)
        if size > MAX_DOCUMENT:
            raise InvalidInput.one(
                source.filename,
                f"JSON 对象超过 {MAX_DOCUMENT >> 20} MB，请写明记录列表的路径，或改用每行一个对象",
            )
    try:
        return json.loads("".join(parts).lstrip("\ufeff"), strict=False)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InvalidInput.one(source.filename, f"不是有效的 JSON：{error}") from None


def _collect(value: Any, path: str, counts: Counter[str], single: dict[str, set[str]], depth: int) -> None:
    if depth > 8 or len(counts) > 1000:
        return
    if isinstance(value, dict):
        for name, item in value.items():
            if "." not in name and not name.endswith("[]"):
                _collect(item, f"{path}.{name}" if path else name, counts, single, depth + 1)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        here = path + "[]"
        counts[here] += len(value)
        for item in value:
            if isinstance(item, dict):
                single.setdefault(here, set()).update(_inner_lists(item, here))
                _collect(item, here, counts, single, depth + 1)


def _inner_lists(item: dict[str, Any], here: str) -> set[str]:
    """Paths of what is nested in one object; anything but lists of objects bars the way down."""
    found = set()
    for name, inner in item.items():
        if isinstance(inner, list) and any(isinstance(each, dict) for each in inner):
            found.add(f"{here}.{name}[]")
        elif isinstance(inner, dict | list) and inner:
            found |= {f"{here}.{name}", ""}
    return found
