"""JSON: an array of objects, one object a line, or a list somewhere inside a document, named by a path.

The document is never held whole: a sliding window of text is enough for one record (at most
`MAX_VALUE_CHARS`). Numbers keep the digits they were written with.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.chunks import CHUNK_ROWS, Chunk
from shuqiao.store.reading.delimited import PhysicalLines, text_blocks
from shuqiao.store.reading.named import NamedColumns
from shuqiao.store.reading.source import Source
from shuqiao.store.types import Format

MAX_VALUE_CHARS = 64 << 20
_WINDOW = 1 << 20
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\r\n]*")


class _Digits(str):
    """A number as it was written."""

    __slots__ = ()


class _NoJson(str):
    """A line that is not JSON."""

    __slots__ = ()


class _Doubled(dict[str, Any]):
    """An object in which a name stands twice: which of the values is meant nobody can say."""

    name = ""


class DoubledName(ValueError):
    """A name stands twice in one object of a record."""

    def __init__(self, name: str) -> None:
        super().__init__(f"同一个对象里字段重复：{name}")


def sound(value: dict[str, Any]) -> dict[str, Any]:
    """The object. Raises DoubledName."""
    if isinstance(value, _Doubled):
        raise DoubledName(value.name)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    doubled = _Doubled(members)
    doubled.name = Counter(name for name, _ in pairs).most_common(1)[0][0]
    return doubled


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_Digits, parse_float=_Digits, parse_constant=_Digits, strict=False
)


class JsonReader:
    """Records of a JSON document as rows of `columns`; a key outside them is a fault of its record."""

    def __init__(
        self,
        source: Source,
        encoding: str,
        path: str,
        columns: list[str],
        *,
        lines: bool,
        growing: bool = False,
    ) -> None:
        self.format = Format.NDJSON if lines else Format.JSON
        self._source = source
        self._encoding = encoding
        self._steps = [] if lines else path_steps(path)
        self._lines = lines
        self.columns = columns
        self._named = NamedColumns(columns, source.filename, growing=growing)

    @property
    def position(self) -> int:
        """Bytes of the source read so far."""
        return self._source.position

    def chunks(self) -> Iterator[Chunk]:
        """All records."""
        chunk = Chunk()
        for line, value, raw in self._line_by_line() if self._lines else self._records():
            if line and value is not None:
                self._add(chunk, line, value, raw)
            else:
                chunk.blanks += 1
            if len(chunk) >= CHUNK_ROWS:
                yield chunk
                chunk = Chunk()
        yield chunk

    def _records(self) -> Iterator[tuple[int, Any, str]]:
        window = Window(self._source, self._encoding)
        try:
            yield from walk(window, self._steps)
        except RecursionError:
            raise window.wrong("嵌套太深") from None

    def _line_by_line(self) -> Iterator[tuple[int, Any, str]]:
        """One value a line; a line that is no JSON is handed on as it stands, to be set aside."""
        lines = PhysicalLines(text_blocks(self._source, self._encoding))
        while (text := lines.take()) is not None:
            text = text.strip(" \t\r\ufeff")
            try:
                yield lines.number, _DECODER.decode(text) if text else None, text
            except (json.JSONDecodeError, RecursionError):
                yield lines.number, _NoJson(text), text

    def record_of(self, value: Any) -> dict[str, Any] | str:
        """A value as a record, or what is wrong with it."""
        return value if isinstance(value, dict) else "不是一个 JSON 对象"

    def _record(self, value: Any) -> dict[str, Any] | str:
        """A value as a record, or what is wrong: a name with half a character can be neither shown nor kept."""
        try:
            record = self.record_of(value)
            if isinstance(record, str):
                return record
            sound(record)
        except DoubledName as error:
            return str(error)
        return "字段名含有乱码" if any(map(_SURROGATE.search, record)) else record

    def _add(self, chunk: Chunk, line: int, value: Any, raw: str) -> None:
        if isinstance(value, _NoJson):
            chunk.faults[len(chunk)] = ("record", "不是有效的 JSON")
            chunk.add(line, [], raw)
            return
        record = self._record(value)
        if isinstance(record, str):
            chunk.faults[len(chunk)] = ("record", record)
            chunk.add(line, [], raw)
            return
        self._named.add(chunk, line, record, raw, cell_of=_cell_in)


def _cell_in(value: Any, chunk: Chunk) -> str | None:
    """A value as its cell; what is wrong with it is the record's fault."""
    try:
        return cell_of(value)
    except RecursionError:
        chunk.faults[len(chunk)] = ("record", "嵌套太深")
    except DoubledName as error:
        chunk.faults[len(chunk)] = ("record", str(error))
    return None


def cell_of(value: Any) -> str | None:
    """A JSON value as a cell: null is missing, text is itself, anything nested is its JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _written(value)


def _written(value: Any) -> str:
    """JSON again, with every number in its own digits."""
    match value:
        case _Digits():
            return str(value)
        case dict():
            members = (
                f"{json.dumps(key, ensure_ascii=False)}:{_written(item)}"
                for key, item in sound(value).items()
            )
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def path_steps(path: str) -> list[str]:
    """``a.b[].c`` as steps: a name goes into an object, ``[]`` into every element. The last step is a list."""
    steps: list[str] = []
    for part in path.split(".") if path else []:
        name = part
        loops = 0
        while name.endswith("[]"):
            name, loops = name[:-2], loops + 1
        if name:
            steps.append(name)
        steps += ["[]"] * loops
    return [*steps, "[]"] if not steps or steps[-1] != "[]" else steps


class Window:
    """A sliding window over the text of a document."""

    def __init__(self, source: Source, encoding: str) -> None:
        self._name = source.filename
        self._blocks = text_blocks(source, encoding)
        self._ended = False
        self.text = ""
        self.at = self._began = 0
        self.line = 1

    def wrong(self, what: str) -> InvalidInput:
        """The error for this place of the document."""
        return InvalidInput.one(f"{self._name} 第 {self.line} 行", f"不是有效的 JSON：{what}")

    def more(self) -> bool:
        """Read on; False at the end of the document."""
        if self._ended:
            return False
        wanted = max(_WINDOW, len(self.text) - self.at)  # doubling keeps long values linear
        parts = [self.text[self.at :]]
        self.at = 0
        while wanted > 0:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
                break
            parts.append(block)
            wanted -= len(block)
        self.text = "".join(parts)
        return True

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            end = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # matches always
            self.line += self.text.count("\n", self.at, end)
            self.at = end
            if end < len(self.text):
                if self.text[end] != "\ufeff":
                    return self.text[end]
                self.at += 1
            elif not self.more():
                return ""

    def take(self, wanted: str) -> None:
        """Step over `wanted`."""
        if self.peek() != wanted:
            raise self.wrong(f"此处应为 {wanted}")
        self.at += 1

    def value(self) -> Any:
        """Read one value whole."""
        if not self.peek():
            raise self.wrong("文件提前结束")
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if len(self.text) - self.at > MAX_VALUE_CHARS:
                    raise self.wrong(f"一条记录超过 {MAX_VALUE_CHARS >> 20} MB") from None
                if self._hopeless(error.pos) or not self.more():
                    raise self.wrong(error.msg) from None
                continue
            if end == len(self.text) and self.more():  # a number may go on in the next block
                continue
            self.line += self.text.count("\n", self.at, end)
            self._began, self.at = self.at, end
            return value

    def last(self) -> str:
        """The text of the value read last."""
        return self.text[self._began : self.at]

    def _hopeless(self, position: int) -> bool:
        """An error far from the end of the window, outside an unfinished string, will not go away."""
        near_end = len(self.text) - position < 64
        in_string = position < len(self.text) and self.text[position] == '"'
        return not near_end and not in_string


def walk(window: Window, steps: list[str]) -> Iterator[tuple[int, Any, str]]:
    """(line, value, its text as it stands) of every element the steps lead to."""
    if not steps:
        window.peek()
        line = window.line
        value = window.value()
        yield line, value, window.last()
    elif steps[0] == "[]":
        yield from _walk_list(window, steps[1:])
    else:
        yield from _walk_object(window, steps[0], steps[1:])


def _walk_list(window: Window, rest: list[str]) -> Iterator[tuple[int, Any, str]]:
    window.take("[")
    if window.peek() == "]":
        window.take("]")
        return
    while True:
        yield from walk(window, rest)
        if window.peek() == ",":
            window.take(",")
            continue
        window.take("]")
        return


def _walk_object(window: Window, name: str, rest: list[str]) -> Iterator[tuple[int, Any, str]]:
    if window.peek() == "n":  # null where a list may stand
        window.value()
        return
    window.take("{")
    if window.peek() == "}":
        window.take("}")
        return
    while True:
        window.peek()
        key = window.value()
        window.take(":")
        if key == name:
            yield from _walk_unless_null(window, rest)
        else:
            window.value()
        if window.peek() == ",":
            window.take(",")
            continue
        window.take("}")
        return


def _walk_unless_null(window: Window, rest: list[str]) -> Iterator[tuple[int, Any, str]]:
    if window.peek() == "n":
        window.value()
    else:
        yield from walk(window, rest)
