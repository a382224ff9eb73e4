"""Words as a search compares them: full-width letters folded, case and runs of space ignored."""

from __future__ import annotations

import unicodedata


def normalized(text: str) -> str:
    """NFKC, lower case, single spaces; without control characters, which no database column takes."""
    folded = " ".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).lower().split())
    if folded.isprintable():
        return folded
    return " ".join("".join(char if char.isprintable() else " " for char in folded).split())


def words_of(text: str) -> list[str]:
    """The words of a query, at most eight; an entry must contain all of them."""
    return normalized(text).split()[:8]
