"""XML tables: an element that repeats is a row, its attributes and children are the cells.

The document goes through the parser block by block and nothing outside the record being read is kept. Entities and
external subsets are refused (defusedxml): a table needs neither.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.chunks import CHUNK_ROWS, Chunk
from shuqiao.store.reading.delimited import text_blocks
from shuqiao.store.reading.named import NamedColumns
from shuqiao.store.reading.source import Source
from shuqiao.store.types import Format

MAX_DEPTH = 100
MAX_RECORD_CHARS = 16 << 20
MAX_PATHS = 10_000
_FEED = 1 << 16
_XML = "http://www.w3.org/XML/1998/namespace"
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9_.-]{1,40})["']""")
_CODECS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "cp950",
    "cp950": "cp950",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
    "windows-1251": "cp1251",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
}


def declared_encoding(head: bytes, detected: str) -> str:
    """The encoding to read with: what the bytes prove (UTF-8, UTF-16), else what the declaration says."""
    found = _DECLARED.match(head)
    if found is None or detected.startswith("utf-16"):
        return detected
    named = _CODECS.get(found[1].decode("ascii").lower(), "")
    return named if named and (not detected.startswith("utf-8") or named == "cp1252") else detected


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Names:
    """What names of a namespace are called: with the prefix the document last gave to it."""

    def __init__(self) -> None:
        self._prefixes = {_XML: "xml"}

    def declared(self, prefix: str, uri: str) -> None:
        """A prefix now stands for a namespace; the empty one leaves an earlier one in place."""
        if prefix or uri not in self._prefixes:
            self._prefixes[uri] = prefix

    def full(self, tag: str) -> str:
        """The name with its prefix."""
        uri, brace, local = tag.rpartition("}")
        prefix = self._prefixes.get(uri[1:], "") if brace else ""
        return f"{prefix}:{local}" if prefix else local

    def of_attributes(self, attributes: dict[str, str]) -> dict[str, str]:
        """Attributes by name. One with a prefix is never the one without; two of a name, as a document may have that
        gives one prefix to several namespaces, keep the whole namespace."""
        if not any("}" in key for key in attributes):
            return attributes
        called = {key: self.full(key) for key in attributes}
        often = Counter(called.values())
        return {(name if often[name] == 1 else key): attributes[key] for key, name in called.items()}

    def of_children(self, tags: list[str]) -> dict[str, str]:
        """What each of the tags is called among the others: without namespace where that is enough."""
        called = {tag: _local(tag) for tag in tags}
        if len(set(called.values())) == len(called):
            return called
        for name_of in (self.full, str):
            often = Counter(called.values())
            called = {tag: name if often[name] == 1 else name_of(tag) for tag, name in called.items()}
        return called


@dataclass(slots=True)
class _Node:
    """An element of a record while it is read."""

    tag: str
    attributes: dict[str, str]
    children: list[tuple[str, Any]] = field(default_factory=list)
    """By the children's full tags."""
    text: list[str] = field(default_factory=list)
    names: _Names = field(default_factory=_Names)

    def value(self) -> Any:
        """A leaf is its text; anything else a mapping of attributes (``@``), children and text (``#text``)."""
        text = "".join(self.text)
        if not self.children and not self.attributes:
            return text
        return self.record(text)

    def record(self, text: str) -> dict[str, Any]:
        """Attributes, children and text by name; a name that repeats holds a list. Children whose names differ
        only in their namespace keep it."""
        found: dict[str, Any] = {f"@{name}": value for name, value in self.attributes.items()}
        lists: set[str] = set()
        names = self.names.of_children([tag for tag, _ in self.children])
        for tag, value in self.children:
            name = names[tag]
            if name not in found:
                found[name] = value
            elif name in lists:
                found[name].append(value)
            else:
                found[name] = [found[name], value]
                lists.add(name)
        if text.strip():
            found["#text"] = text
        return found


class _Bounded:
    """What both targets share: the path of open elements, bounded in depth."""

    def __init__(self) -> None:
        self.path: list[str] = []

    def down(self, tag: str) -> str:
        name = _local(tag)
        self.path.append(name)
        if len(self.path) > MAX_DEPTH:
            raise _TooDeep
        return name


class _TooDeep(Exception):
    """More levels than any table has."""


class _Records(_Bounded):
    """Collects the records at one path; everything else is passed over."""

    def __init__(self, steps: tuple[str, ...]) -> None:
        super().__init__()
        self._steps = list(steps)
        self._open: list[_Node] = []
        self._names = _Names()
        self.ready: list[dict[str, Any]] = []
        self.held = 0

    def start_ns(self, prefix: str, uri: str) -> None:
        """A namespace is declared."""
        self._names.declared(prefix or "", uri or "")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.down(tag)
        if self._open or (len(self.path) == len(self._steps) and self.path == self._steps):
            self._open.append(_Node(tag, self._names.of_attributes(attributes), names=self._names))
            self.held += 64 + sum(len(key) + len(value) for key, value in attributes.items())

    def end(self, tag: str) -> None:
        self.path.pop()
        if not self._open:
            return
        node = self._open.pop()
        if self._open:
            self._open[-1].children.append((node.tag, node.value()))
        else:
            self.ready.append(node.record("".join(node.text)))
            self.held = 0

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1].text.append(text)
            self.held += len(text)

    def close(self) -> None:
        return None


@dataclass(slots=True)
class _Seen:
    count: int = 0
    structured: bool = False


class _Survey(_Bounded):
    """Counts the elements at every path."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[tuple[str, ...], _Seen] = {}
        self.held = 0
        self.ready: list[dict[str, Any]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.down(tag)
        key = tuple(self.path)
        seen = self.found.get(key)
        if seen is None:
            if len(self.found) >= MAX_PATHS:
                return
            seen = self.found[key] = _Seen()
        seen.count += 1
        seen.structured = seen.structured or bool(attributes)
        above = self.found.get(key[:-1])
        if above is not None:
            above.structured = True

    def end(self, tag: str) -> None:
        self.path.pop()

    def data(self, text: str) -> None:
        """Texts are not looked at."""

    def close(self) -> None:
        return None


class XmlReader:
    """Records of an XML document as rows of `columns`; a name outside them is a fault of its record."""

    format = Format.XML

    def __init__(
        self, source: Source, encoding: str, path: str, columns: list[str], *, growing: bool = False
    ) -> None:
        self._source, self._encoding = source, encoding
        self._steps = tuple(path.split("/"))
        self.columns = columns
        self._named = NamedColumns(columns, source.filename, growing=growing)

    @property
    def position(self) -> int:
        """Bytes of the source read so far."""
        return self._source.position

    def chunks(self) -> Iterator[Chunk]:
        """All records; the line is the number of the record, for a document may have no lines at all."""
        chunk, number = Chunk(), 0
        target = _Records(self._steps)
        for _ in _parsed(self._source, self._encoding, target):
            for record in target.ready:
                number += 1
                self._named.add(chunk, number, record, _json(record), cell_of=_cell_of)
                if len(chunk) >= CHUNK_ROWS:
                    yield chunk
                    chunk = Chunk()
            target.ready.clear()
        yield chunk


def _cell_of(value: Any, chunk: Chunk) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def choose_element(source: Source, encoding: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The proposed path and all candidates as (path, number of elements), shallow ones first.

    A candidate is an element with attributes or children; the proposal is the shallowest that repeats, the most
    frequent among those. Raises InvalidInput when nothing repeats.
    """
    target = _Survey()
    for _ in _parsed(source, encoding, target):
        pass
    candidates = [(path, seen.count) for path, seen in target.found.items() if seen.structured]
    repeated = [item for item in candidates if item[1] > 1]
    if not repeated:  # a table of a single row: the deepest element that has children
        repeated = sorted(candidates, key=lambda item: -len(item[0]))[:1]
    if not repeated:
        raise InvalidInput.one(source.filename, "XML 里没有重复的元素，看不出哪些是记录")
    repeated.sort(key=lambda item: (len(item[0]), -item[1]))
    paths = tuple(("/".join(path), count) for path, count in repeated[:50])
    return paths[0][0], paths


def _parsed(source: Source, encoding: str, target: _Records | _Survey) -> Iterator[None]:
    """Feed the document to `target`, giving way after every piece. Damage, entities and what is out of all
    proportion raise InvalidInput."""
    parser = DefusedXMLParser(target=target, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    wrong = _Wrong(source.filename)
    try:
        for piece in _pieces(source, encoding):
            parser.feed(piece)
            if target.held > MAX_RECORD_CHARS:
                raise InvalidInput.one(source.filename, f"一条记录超过 {MAX_RECORD_CHARS >> 20} MB")
            yield
        parser.close()
        yield
    except DefusedXmlException:
        raise wrong("文件里有实体定义或外部引用，为安全起见不收") from None
    except ParseError as error:
        raise wrong(f"不是有效的 XML：{error}") from None
    except (_TooDeep, RecursionError):
        raise wrong(f"嵌套超过 {MAX_DEPTH} 层") from None
    except (ValueError, LookupError):
        raise wrong("不是有效的 XML") from None


@dataclass(frozen=True, slots=True)
class _Wrong:
    filename: str

    def __call__(self, words: str) -> InvalidInput:
        return InvalidInput.one(self.filename, words)


def _pieces(source: Source, encoding: str) -> Iterator[str]:
    """The text in small pieces, so that a record without end is noticed early; undecodable bytes become U+FFFD."""
    for block in text_blocks(source, encoding):
        clean = _SURROGATE.sub("\ufffd", block)
        for start in range(0, len(clean), _FEED):
            yield clean[start : start + _FEED]
