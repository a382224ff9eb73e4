"""Screenshots of works: PNG or JPEG by their own bytes, taken apart and put together again without what is not
picture (place, camera, comments, anything appended)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


class BadPicture(ValueError):
    """The bytes are not a picture we take; the words say what was found."""


MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 40_000_000
PNG = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM"})
JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
JPEG_KEPT = frozenset({0xE0, 0xEE, 0xDB, 0xC4, 0xDD}) | JPEG_FRAMES


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean picture. `width` and `height` in pixels."""

    media_type: str
    content: bytes
    width: int
    height: int


def read_picture(given: bytes) -> Picture:
    """The picture in these bytes, clean. Raises BadPicture that says what was found."""
    if len(given) > MOST_BYTES:
        raise BadPicture(f"不能超过 2 MB，现为 {len(given) / 1024 / 1024:.1f} MB")
    reader = _png if given.startswith(PNG) else _jpeg if given.startswith(b"\xff\xd8\xff") else None
    if reader is None:
        raise BadPicture("只收 PNG 或 JPEG 图片，文件内容不是")
    try:
        found = reader(given)
    except (struct.error, IndexError, ValueError) as error:
        raise BadPicture(f"图片已损坏：{error}") from None
    if not 0 < found.width * found.height <= MOST_PIXELS:
        raise BadPicture(f"尺寸 {found.width}×{found.height} 不在范围内")
    return found


def _png(given: bytes) -> Picture:
    seen: list[bytes] = []
    out, at = [PNG], len(PNG)
    while not seen or seen[-1] != b"IEND":
        length, kind = struct.unpack_from(">I4s", given, at)
        body = given[at + 8 : at + 8 + length]
        (total,) = struct.unpack_from(">I", given, at + 8 + length)
        if zlib.crc32(kind + body) != total:
            raise ValueError("校验和不对")
        if kind in PNG_KEPT:
            out.append(given[at : at + 12 + length])
        seen.append(kind)
        at += 12 + length
    if seen[0] != b"IHDR" or b"IDAT" not in seen:
        raise ValueError("没有图像数据")
    width, height = struct.unpack_from(">II", given, len(PNG) + 8)
    return Picture("image/png", b"".join(out), width, height)


def _jpeg(given: bytes) -> Picture:
    out, at, width, height = [b"\xff\xd8"], 2, 0, 0
    while True:
        if given[at] != 0xFF:
            raise ValueError("段落不连续")
        marker = given[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        (length,) = struct.unpack_from(">H", given, at + 2)
        segment = given[at : at + 2 + length]
        if len(segment) != length + 2:
            raise ValueError("段落不完整")
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
        if marker == 0xDA:
            break
        if marker in JPEG_KEPT:
            out.append(segment)
        at += 2 + length
    end = given.rfind(b"\xff\xd9")
    if end < at or not width:
        raise ValueError("没有图像数据")
    out.append(_scans(given[at:end]))
    out.append(b"\xff\xd9")
    return Picture("image/jpeg", b"".join(out), width, height)


def _scans(data: bytes) -> bytes:
    """The entropy-coded part up to its own end: nothing hides behind a first end mark."""
    end = data.find(b"\xff\xd9")
    return data if end < 0 else data[:end]
