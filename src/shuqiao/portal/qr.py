"""The QR code of an address, as one SVG path: no picture files, no inline style."""

from __future__ import annotations

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class QrCode:
    """`size` modules a side, and the path that fills the dark ones."""

    size: int
    path: str


def qr_of(address: str) -> QrCode:
    """The code of an address, error correction M. Raises ValueError when it is empty or too long to print small."""
    if not address or len(address.encode()) > 250:
        raise ValueError(f"an address of 1 to 250 bytes, got {len(address.encode())}")
    rows = [bytes(row) for row in segno.make(address, error="m", micro=False).matrix]
    return QrCode(len(rows), "".join(_strokes(y, row) for y, row in enumerate(rows)))


def _strokes(y: int, row: bytes) -> str:
    """Each run of dark modules of a row as one rectangle."""
    parts, x = [], 0
    while x < len(row):
        run = 0
        while x + run < len(row) and row[x + run]:
            run += 1
        if run:
            parts.append(f"M{x} {y}h{run}v1h-{run}z")
        x += run + 1
    return "".join(parts)
