"""The words every other package speaks: decisions, errors, moves between states, ids, time.

Owns no rule, no row and no file. Pure Python; imports nothing of Shuqiao.
"""

from shuqiao.kernel.decision import Article, Decision
from shuqiao.kernel.errors import (
    IllegalMove,
    InvalidInput,
    NotAllowed,
    NotFound,
    Problem,
    RuleRefused,
    ShuqiaoError,
)

__all__ = [
    "Article",
    "Decision",
    "IllegalMove",
    "InvalidInput",
    "NotAllowed",
    "NotFound",
    "Problem",
    "RuleRefused",
    "ShuqiaoError",
]
