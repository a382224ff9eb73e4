"""Finding entries that may be one (Dongchangfu 15), without comparing all with all. Pure: cards in, pairs out.

An entry becomes a `Card`; a card is filed under a few block keys; only cards that meet under a key are compared;
the comparison says in words why two may be one, and scores it.
"""

from shuqiao.catalog.duplicates.blocks import block_keys
from shuqiao.catalog.duplicates.cards import Card, Places, normal_title, title_key
from shuqiao.catalog.duplicates.comparing import KEPT_FROM, Likeness, Reason, compare
from shuqiao.catalog.duplicates.finding import Found, find_pairs

__all__ = [
    "KEPT_FROM",
    "Card",
    "Found",
    "Likeness",
    "Places",
    "Reason",
    "block_keys",
    "compare",
    "find_pairs",
    "normal_title",
    "title_key",
]
