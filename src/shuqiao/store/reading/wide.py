"""UTF-16 without a mark."""

from __future__ import annotations


def seems_wide(head: bytes) -> str:
    """The kind of UTF-16 a text without a mark is in, or nothing: line ends and separators are NUL on one side of each
    pair."""
    sample = head[: 1 << 16]
    if len(sample) < 4 or b"\0" not in sample:
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < 2:  # one stray NUL in a tiny file is dirt, not an encoding
        return ""
    if odd > 8 * even and odd > len(sample) // 64:
        return "utf-16-le"
    if even > 8 * odd and even > len(sample) // 64:
        return "utf-16-be"
    return ""
