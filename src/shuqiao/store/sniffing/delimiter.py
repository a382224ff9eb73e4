"""Which character separates the cells of a text."""

from __future__ import annotations

import math
from collections import Counter

from shuqiao.kernel import InvalidInput
from shuqiao.store.reading.chunks import Chunk
from shuqiao.store.reading.delimited import DelimitedReader
from shuqiao.store.reading.delimiters import USUAL, unusual_delimiters
from shuqiao.store.reading.layout import LOOKED_AT
from shuqiao.store.reading.source import Source
from shuqiao.store.types import QUOTES

LABELS = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线", " ": "空格"}
_CLOSE = 0.8


def find_delimiter(
    source: Source, encoding: str, chosen: str = "", quote: str = '"'
) -> tuple[str, Chunk, tuple[str, ...]]:
    """The delimiter, the first records read with it, and what is to be said when another would do nearly as well.

    `chosen` is the publisher's; else the one whose rows agree most on their width. Raises InvalidInput for a choice
    that is no delimiter or stands nowhere in the first records.
    """
    if quote not in QUOTES or quote == (chosen or None):
        raise InvalidInput.one("引号", "只能是双引号、单引号或不用引号，也不能与分隔符相同")
    if chosen:
        return chosen, _as_chosen(source, encoding, chosen, quote), ()
    scored = []
    for place, delimiter in enumerate(USUAL):
        head = _head(source, encoding, delimiter, quote)
        scored.append((_score(head), -place, delimiter, head))
    scored.sort(key=lambda one: one[:2], reverse=True)
    best, _, delimiter, head = scored[0]
    if best <= 0:
        unusual = unusual_delimiters([raw or "" for raw in head.raws[:LOOKED_AT]])
        if unusual:
            return unusual[0], _head(source, encoding, unusual[0], quote), ()
        return delimiter, head, ()
    second, _, other, _ = scored[1]
    if second < _CLOSE * best:
        return delimiter, head, ()
    said = f"分隔符不能断定：按{LABELS[delimiter]}读的，也可能是{LABELS[other]}；列若不对，请换一种读法改选分隔符"
    return delimiter, head, (said,)


def _head(source: Source, encoding: str, delimiter: str, quote: str) -> Chunk:
    return next(DelimitedReader(source, encoding, delimiter, quote).chunks())


def _score(head: Chunk) -> float:
    rows = head.rows[:LOOKED_AT]
    widths = Counter(len(row) for row in rows)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return count / max(len(rows), 1) * math.log2(width) if width > 1 else 0.0


def _as_chosen(source: Source, encoding: str, chosen: str, quote: str) -> Chunk:
    if len(chosen) != 1 or chosen.isalnum() or chosen in ('"', "\r", "\n", "\0"):
        raise InvalidInput.one("分隔符", "应是一个字符，不能是字母、数字、双引号或换行")
    head = _head(source, encoding, chosen, quote)
    if head.rows and all(len(row) == 1 for row in head.rows):
        shown = LABELS.get(chosen, f"“{chosen}”")
        raise InvalidInput.one("分隔符", f"文件的前 {len(head.rows):,} 行里没有{shown}，不能用它分列")
    return head
