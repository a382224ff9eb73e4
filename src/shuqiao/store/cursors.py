"""Cursors: where a page ended, as URL-safe text. A cursor belongs to one version and one order."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import msgspec

from shuqiao.kernel import InvalidInput
from shuqiao.store.conditions import Scalar

Order = list[tuple[str, bool]]
"""What is sorted by, and whether descending."""


def write_cursor(version_id: str, order: Order, values: Sequence[Scalar]) -> str:
    """The version, the order, and the last row's values in that order (and what else tells the row apart)."""
    packed = msgspec.json.encode([version_id[:16], order, values])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(text: str, order: Order, version_id: str, *, extra: int = 0) -> list[Scalar]:
    """The values: one for each part of the order and `extra` ones. Raises InvalidInput for what is no cursor, for one
    of another version and of another order."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, kept, values = msgspec.json.decode(
            packed, type=tuple[str, list[tuple[str, bool]], list[Scalar]]
        )
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        raise InvalidInput.one("cursor", "不是有效的翻页位置") from None
    if version != version_id[:16]:
        raise InvalidInput.one("cursor", "数据已更新为新版本，请从第一页重新取")
    if kept != order or len(values) != len(order) + extra:
        raise InvalidInput.one("cursor", "翻页位置与排序不一致")
    return values
