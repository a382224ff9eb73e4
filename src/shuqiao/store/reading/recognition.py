"""Which text format a file is in, told by its first block and never by its name."""

from __future__ import annotations

import re

from shuqiao.kernel import InvalidInput
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
    text = _as_utf8(head).lstrip()
    if text[:1] == b"<":
        return _markup(text, filename)
    if text[:1] == b"[":
        return Format.JSON if text[1:].lstrip()[:1] in (b"{", b"]", b"") else Format.CSV
    if text[:1] != b"{" or text[1:].lstrip()[:1] not in (b'"', b"}", b""):
        return Format.CSV
    return _object(text)


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
