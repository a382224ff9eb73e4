"""The text of a source as UTF-8 bytes, whatever it was written in, with room to look ahead and give back."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from shuqiao.store.reading.source import Source

_PIECE = 1 << 18


class SourceText:
    """A source's text from its start.

    Bytes that cannot be decoded stay recognisable (and recoverable, where the encoding allows it), so that the
    rows holding them can be set aside: in `decoded` text they are what ``surrogateescape`` makes of them.
    """

    def __init__(self, source: Source, encoding: str) -> None:
        self._as_is = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
        self._errors = "surrogateescape" if self._as_is else "surrogatepass"
        self._blocks = _utf8_blocks(source, encoding) if self._as_is else _recoded_blocks(source, encoding)
        self._buffer = b""
        self._start = 0
        self.ended = False

    def region(self, size: int) -> bytes:
        """All that is buffered, and at least `size` bytes unless the text ends before."""
        parts = [self._buffer[self._start :]]
        held = len(parts[0])
        while held < size and not self.ended:
            block = next(self._blocks, None)
            if block is None:
                self.ended = True
                break
            parts.append(block)
            held += len(block)
        self._buffer, self._start = b"".join(parts), 0
        return self._buffer

    def take(self, size: int) -> None:
        """Step over bytes of the region."""
        self._start += size

    def give_back(self, text: str) -> None:
        """Put text that was taken in pieces back in front."""
        self._buffer, self._start = text.encode("utf-8", self._errors) + self._buffer[self._start :], 0

    def pieces(self) -> Iterator[str]:
        """The text from here on, decoded, each piece taken as it is handed out."""
        while True:
            if self._start >= len(self._buffer) and not self.region(_PIECE):
                return
            cut = self._buffer.rfind(b"\n", self._start, self._start + _PIECE) + 1
            if not cut and self._buffer.find(b"\n", self._start) < 0:  # a line larger than a piece: read on
                self.region(2 * _PIECE)
            if not cut:
                cut = self._character_end(self._start + _PIECE)
            piece = self._buffer[self._start : cut]
            self._start = cut
            yield self.decoded(piece)

    def _character_end(self, place: int) -> int:
        """The nearest place at or after `place` where no character is cut."""
        buffer = self._buffer
        while place < len(buffer) and buffer[place] & 0xC0 == 0x80:
            place += 1
        return min(place, len(buffer))

    def decoded(self, text: bytes) -> str:
        """Bytes of this text as characters."""
        return text.decode("utf-8", self._errors)


def _utf8_blocks(source: Source, encoding: str) -> Iterator[bytes]:
    old_mac: bool | None = None
    for block in source.blocks():
        if old_mac is None:
            old_mac = b"\r" in block and b"\n" not in block
            if codecs.lookup(encoding).name == "utf-8-sig":
                block = block.removeprefix(codecs.BOM_UTF8)  # noqa: PLW2901  # only the first
        yield block.replace(b"\r", b"\n") if old_mac else block


def _recoded_blocks(source: Source, encoding: str) -> Iterator[bytes]:
    for text in text_blocks(source, encoding):
        yield text.encode("utf-8", "surrogatepass")


def text_blocks(source: Source, encoding: str) -> Iterator[str]:
    """Decoded text, block by block. A file whose first block knows CR but no LF gets LF line ends.

    Bytes that cannot be decoded stay recognisable (and recoverable, where the encoding allows it), so that
    the rows holding them can be set aside.
    """
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    old_mac: bool | None = None
    for block in source.blocks():
        text = decoder.decode(block)
        if old_mac is None:
            old_mac = "\r" in text and "\n" not in text
        yield text.replace("\r", "\n") if old_mac else text
    yield decoder.decode(b"", final=True)
