"""Merkle trees over SM3, shaped and prefixed as in RFC 6962 (0x00 before a leaf, 0x01 before a pair)."""

from __future__ import annotations

from collections.abc import Sequence

from shuqiao.journal.sm3 import sm3


def leaf_hash(data: bytes) -> bytes:
    """The tree's hash of one leaf."""
    return sm3(b"\x00" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """The tree's hash of two subtrees."""
    return sm3(b"\x01" + left + right)


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    """Pairs joined; the last one of an odd number goes up as it is, which is RFC 6962's split at the largest
    power of two."""
    above = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        above.append(level[-1])
    return above


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf data; of no leaves the hash of nothing."""
    if not leaves:
        return sm3(b"")
    level: Sequence[bytes] = [leaf_hash(leaf) for leaf in leaves]
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def path_to(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of a leaf: what its neighbours hash to, from the bottom up. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path: list[bytes] = []
    level: Sequence[bytes] = [leaf_hash(leaf) for leaf in leaves]
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        level, index = _level_above(level), index >> 1
    return path


def root_from(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that follows from a leaf's data, its place among `size` and its path (RFC 9162 2.1.3.2);
    None when the path does not fit the place."""
    if not 0 <= index < size:
        return None
    reached, at, last = leaf_hash(leaf), index, size - 1
    for beside in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            reached = node_hash(beside, reached)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = node_hash(reached, beside)
        at, last = at >> 1, last >> 1
    return reached if last == 0 else None
