"""Which list inside a JSON document holds the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.json_records import Window
from shuqiao.store.reading.source import Source

_MAX_PATHS = 50
_MAX_DEPTH = 8
_MAX_FOUND = 1_000


def choose_path(source: Source, encoding: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The proposed path and all candidates as (path, number of objects), shallow ones first.

    A top-level array is the path "". Otherwise the shallowest list of objects, and on down as long as its
    objects hold plain values and exactly one further list of objects. The document is walked through element by
    element and never held. Raises InvalidInput when there is no such list, or an element is too long to be held:
    then the path must be stated.
    """
    window = Window(source, encoding)
    if window.peek() == "[":
        return "", ()
    counts: Counter[str] = Counter()
    single: dict[str, set[str]] = {}
    try:
        _walk(window, "", counts, single, depth=0)
        if window.peek():
            raise window.wrong("文件末尾有多余的内容")
    except RecursionError:
        raise window.wrong("嵌套太深") from None
    if not counts:
        raise InvalidInput.one(source.filename, "JSON 里没有由对象组成的列表")
    ordered = sorted(counts.items(), key=lambda item: (item[0].count("[]"), item[0].count("."), -item[1]))
    path = ordered[0][0]
    while len(single.get(path, ())) == 1:
        path = next(iter(single[path]))
    return path, tuple(ordered[:_MAX_PATHS])


def _walk(window: Window, path: str, counts: Counter[str], single: dict[str, set[str]], depth: int) -> None:
    """Step over one value of the document, into objects and lists, and count what they hold."""
    first = window.peek()
    if first == "{" and depth <= _MAX_DEPTH:
        for name in _names(window):
            window.take(":")
            if _may_be_named(name):
                _walk(window, f"{path}.{name}" if path else name, counts, single, depth + 1)
            else:
                window.value()
    elif first == "[" and depth <= _MAX_DEPTH:
        here, elements, records = path + "[]", 0, 0
        for element in _elements(window):
            elements += 1
            if isinstance(element, dict):
                records += 1
                single.setdefault(here, set()).update(_inner_lists(element, here))
                _collect(element, here, counts, single, depth + 1)
        if records:
            counts[here] += elements
    else:
        window.value()


def _names(window: Window) -> Iterator[str]:
    """The names of the object that begins here; whoever takes one steps over its value."""
    window.take("{")
    if window.peek() == "}":
        window.take("}")
        return
    while True:
        if window.peek() != '"':
            raise window.wrong("此处应为字段名")
        yield window.value()
        if window.peek() != ",":
            break
        window.take(",")
    window.take("}")


def _elements(window: Window) -> Iterator[Any]:
    """The elements of the list that begins here."""
    window.take("[")
    if window.peek() == "]":
        window.take("]")
        return
    while True:
        yield window.value()
        if window.peek() != ",":
            break
        window.take(",")
    window.take("]")


def _may_be_named(name: str) -> bool:
    """Whether a path can hold the name."""
    return "." not in name and not name.endswith("[]")


def _collect(value: Any, path: str, counts: Counter[str], single: dict[str, set[str]], depth: int) -> None:
    """The same for a value that is held."""
    if depth > _MAX_DEPTH or len(counts) > _MAX_FOUND:
        return
    if isinstance(value, dict):
        for name, item in value.items():
            if _may_be_named(name):
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
