"""Formats whose rows are text: the engine writes each row as one text on all its threads, here they only join."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pyarrow as pa

from shuqiao.store.engines.duck import DuckDialect
from shuqiao.store.exporting.encoding import Shown, text_of
from shuqiao.store.scope import Mask
from shuqiao.store.sql import Sql, join
from shuqiao.store.types import Column, ColumnType

_NOT_IN_XML = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{FFFE}\\x{FFFF}]"


class _Lines:
    in_order = False

    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def piece(self, batch: pa.RecordBatch) -> bytes:
        """The rows' texts."""
        return text_of(batch.column(0))

    def joined(self, piece: bytes, *, first: bool) -> bytes:
        """Every row ends itself."""
        return piece


class Ndjson(_Lines):
    """One object a line. Whole numbers are numbers, booleans booleans, all else text; missing values null."""

    end = "}\n"

    def expressions(self, dialect: DuckDialect, hash_key: bytes) -> Sequence[Sql]:
        """The object of a row."""
        parts = []
        for place, (column, mask) in enumerate(self._shown):
            name = ("," if place else "{") + msgspec.json.encode(column.name).decode() + ":"
            value = dialect.shown(column, mask, hash_key)
            if mask is Mask.NONE and column.type in (ColumnType.INTEGER, ColumnType.BOOLEAN):
                text = f"CAST({value.text} AS VARCHAR)"
            else:
                text = f"CAST(to_json({value.text}) AS VARCHAR)"
            parts.append(Sql(f"?, coalesce({text}, 'null')", (name, *value.params)))
        row = join(", ", [*parts, Sql("?", (self.end,))])
        return [Sql(f"concat({row.text})", row.params)]

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def tail(self, *, empty: bool) -> bytes:
        """Nothing."""
        return b""


class Json(Ndjson):
    """One array of objects."""

    end = "},\n"

    def head(self) -> bytes:
        """The array begins."""
        return b"["

    def joined(self, piece: bytes, *, first: bool) -> bytes:
        """The comma stands between rows, not after the last."""
        return (b"" if first else b",\n") + piece[:-2]

    def tail(self, *, empty: bool) -> bytes:
        """The array ends."""
        return b"]\n"


class Xml(_Lines):
    """`rows` of `row` of one element a column, named like it. A missing value has no element. Characters that XML
    cannot hold at all become U+FFFD."""

    def expressions(self, dialect: DuckDialect, hash_key: bytes) -> Sequence[Sql]:
        """The element of a row."""
        parts = [Sql("'<row>'")]
        for column, mask in self._shown:
            value = dialect.shown(column, mask, hash_key)
            name = xml_name(column.name)
            text = escaped(column, mask, value.text)
            parts.append(Sql(f"? || {text} || ?", (f"<{name}>", *value.params, f"</{name}>")))
        row = join(", ", [*parts, Sql("?", ("</row>\n",))])
        return [Sql(f"concat({row.text})", row.params)]

    def head(self) -> bytes:
        """Declaration and root."""
        return b'<?xml version="1.0" encoding="UTF-8"?>\n<rows>\n'

    def tail(self, *, empty: bool) -> bytes:
        """The root ends."""
        return b"</rows>\n"


def escaped(column: Column, mask: Mask, text: str) -> str:
    """The SQL of a value as character data. A carriage return would be read back as a line feed."""
    if column.type is not ColumnType.TEXT and mask is not Mask.HASH:
        return f"CAST({text} AS VARCHAR)"
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        shown = f"'{char}'" if char != "\r" else "chr(13)"
        text = f"replace({text}, {shown}, '{entity}')"
    return f"regexp_replace({text}, '{_NOT_IN_XML}', chr(65533), 'g')"


def xml_name(name: str) -> str:
    """A column's name as an element's name: what XML does not allow there is written _xHHHH_ (as ISO 9075-14 has
    it), so that every name can be read back and two names never become one."""
    parts = []
    for place, char in enumerate(name):
        literal = char == "_" and name[place + 1 : place + 2] == "x"
        if literal or not _may_stand(char, first=place == 0) or (place == 0 and name[:3].lower() == "xml"):
            parts.append(f"_x{ord(char):04X}_")
        else:
            parts.append(char)
    return "".join(parts)


def _may_stand(char: str, *, first: bool) -> bool:
    """Whether XML 1.0 allows a character in a name (fifth edition, without the colon)."""
    code = ord(char)
    if any(low <= code <= high for low, high in _NAME_START):
        return True
    return not first and any(low <= code <= high for low, high in _NAME_MORE)


_NAME_START = (
    (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF), (0x370, 0x37D),
    (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF), (0x3001, 0xD7FF), (0xF900, 0xFDCF),
    (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF),
)  # fmt: skip
_NAME_MORE = ((0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))
