"""Which text format a file is in, told by its first block and never by its name."""

from __future__ import annotations

import json
import re

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.wide import seems_wide
from shuqiao.store.types import Format

_FEATURES = re.compile(rb'"type"\s*:\s*"Feature(?:Collection)?"')
_FEATURE_LIST = re.compile(rb'"features"\s*:\s*\[')
_COLLECTION = re.compile(rb'"type"\s*:\s*"FeatureCollection"')
_HTML = re.compile(
    rb"<(?:!doctype\s+)?html\b|\A<(?:head|body|meta|script|style)\b|\A<table\b.*?<t[rdh]\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"<(?:\?xml\b|!--|!DOCTYPE\b|[A-Za-z_\x80-\xff][^<>]{0,2000}>)", re.DOTALL)
_SPREADSHEET = b"urn:schemas-microsoft-com:office:spreadsheet"
_TAR_MARK = 257
_BLOCK = 1 << 16
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 26), *range(27, 32), 127]).replace(b"\x01", b"")
_FEW_CONTROLS, _MOST_CONTROLS = 3, 0.05
_DECODER = json.JSONDecoder()
_REFUSED = {
    b"%PDF-": "PDF 不是表格，请上传原始数据文件",
    b"Rar!": "RAR 压缩包请解压后上传，或改用 ZIP",
    b"7z\xbc\xaf": "7z 压缩包请解压后上传，或改用 ZIP",
    b"BZh": "bzip2 压缩文件请解压后上传，或改用 gz、zst、zip",
    b"\xfd7zXZ": "xz 压缩文件请解压后上传，或改用 gz、zst、zip",
}


def text_format(head: bytes, filename: str) -> Format:
    """The format of a source by its first block. Raises InvalidInput for what is known to be no table."""
    for mark, words in _REFUSED.items():
        if head.startswith(mark):
            raise InvalidInput.one(filename, words)
    if head[_TAR_MARK : _TAR_MARK + 5] == b"ustar":
        raise InvalidInput.one(filename, "TAR 归档请解包后上传其中的文件，或改用 ZIP")
    text = _as_utf8(head).lstrip()
    if text[:1] == b"<":
        return _markup(text, filename)
    if text[:1] == b"[" and text[1:].lstrip()[:1] in (b"{", b"]", b""):
        return Format.JSON
    _demand_text(head, filename)
    if text[:1] in (b"[", b'"'):
        _demand_no_values(text, filename)
    if text[:1] != b"{" or text[1:].lstrip()[:1] not in (b'"', b"}", b""):
        return Format.CSV
    return _object(text)


def _demand_text(head: bytes, filename: str) -> None:
    """Raise InvalidInput for what no text can be: control characters all over it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or seems_wide(head):
        return
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > max(_FEW_CONTROLS, len(head) * _MOST_CONTROLS):
        raise InvalidInput.one(filename, "不是文本，也不是认得的表格文件")


def _demand_no_values(text: bytes, filename: str) -> None:
    """Raise InvalidInput for a JSON list of values or of lists, or a single text: nothing names its columns."""
    try:
        held = text.decode().rstrip()
    except UnicodeDecodeError as error:
        held = text[: error.start].decode()
    try:
        place = _DECODER.raw_decode(held, _past_space(held) if held[0] == "[" else 0)[1]
    except (ValueError, RecursionError):
        return
    rest = held[place:].lstrip()
    if held[0] == "[":
        if not (rest == "]" or (rest.startswith(",") and _is_list(held, len(text)))):
            return
        raise InvalidInput.one(filename, "JSON 数组里不是对象，没有字段名，不能作表；请导出由对象组成的数组")
    if not rest and "\n" not in held:
        raise InvalidInput.one(filename, "文件里只有一个 JSON 字符串，不是表格")


def _past_space(held: str) -> int:
    return 1 + len(held[1:]) - len(held[1:].lstrip())


def _is_list(held: str, size: int) -> bool:
    """Whether the text is a JSON list, or the beginning of one that is longer than the first block."""
    try:
        _DECODER.decode(held)
    except json.JSONDecodeError as error:  # only at its end is something missing from the beginning of a list
        return size >= _BLOCK and error.pos * 2 > len(held) and not error.msg.startswith("Extra")
    except RecursionError:
        return False
    return True


def _as_utf8(head: bytes) -> bytes:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(encoding, "replace").encode("utf-8", "replace")
    for lead, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if head.startswith(lead):
            return head.decode(encoding, "replace").encode("utf-8", "replace")
    return head.removeprefix(b"\xef\xbb\xbf")


def _object(text: bytes) -> Format:
    line, _, rest = text.partition(b"\n")
    one_line_object = line.rstrip().endswith(b"}") and rest.lstrip()[:1] in (b"{", b"")
    several = bool(one_line_object and rest.strip())
    if _COLLECTION.search(text) and not several:
        return Format.GEOJSON
    if _FEATURES.search(line if several else text) and (several or _FEATURE_LIST.search(text)):
        return Format.GEOJSON
    return Format.NDJSON if several else Format.JSON


def _markup(text: bytes, filename: str) -> Format:
    if _HTML.search(text[:4096]):
        raise InvalidInput.one(
            filename, "这是网页（HTML），不是表格文件，请用电子表格软件另存为 .xlsx 后再传"
        )
    if _SPREADSHEET in text[:8192]:
        raise InvalidInput.one(filename, "“XML 电子表格 2003”请另存为 .xlsx 后再传")
    return Format.XML if _XML.match(text) else Format.CSV


def lines_of_features(head: bytes) -> bool:
    """Whether GeoJSON comes one feature a line, rather than as one collection."""
    line, _, rest = _as_utf8(head).lstrip().partition(b"\n")
    return line.rstrip().endswith(b"}") and rest.lstrip()[:1] == b"{" and not _COLLECTION.search(line)
