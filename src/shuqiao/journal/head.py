"""`HEAD`: the last sequence and chain hash of a node known to be durable.

It makes the removal of the last records visible, which a chain alone cannot. It is written when a segment is
rotated, when the log is closed, and about once a second while records come in; so records of the last second
before a crash could be cut off unseen by someone who can write the disk, and someone who can rewrite `HEAD`
too is found only by a head kept elsewhere: store what `head` returns outside this machine and give it to
`verify` as anchor.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from shuqiao.journal.errors import JournalDamaged
from shuqiao.journal.segments import list_nodes, replace_durably
from shuqiao.journal.sm3 import ZERO, sm3


class Head(msgspec.Struct, frozen=True):
    """Record `seq` of `node` has chain hash `hash` (SM3, hex). Sequence 0: nothing recorded yet."""

    node: str
    seq: int
    hash: str
    at: str = ""


def head(root: Path, node: str) -> Head | None:
    """The durable head of `node`; None when there is none.

    Raises JournalDamaged when the file is not what was written.
    """
    path = root / node / "HEAD"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    stated, _, body = content.partition(b" ")
    if sm3(body).hex().encode() != stated:
        raise JournalDamaged(str(path), 0, 0, "链头文件与自己的杂凑值不符")
    return msgspec.json.decode(body, type=Head)


def heads(root: Path) -> list[Head]:
    """The durable heads of all nodes, to be stored elsewhere as anchors. Raises JournalDamaged."""
    return [found for node in list_nodes(root) if (found := head(root, node))]


def write_head(folder: Path, value: Head) -> None:
    """Replace the node's HEAD durably. Raises OSError."""
    body = json.dumps(msgspec.to_builtins(value), separators=(",", ":"), sort_keys=True).encode() + b"\n"
    replace_durably(folder / "HEAD", b"%b %b" % (sm3(body).hex().encode(), body))


def start_of(node: str) -> Head:
    """The head of a node that has recorded nothing."""
    return Head(node, 0, ZERO.hex())
