"""What can go wrong.

GatewayError
├── Refused     the gateway answered no: rule, reason and articles are in the error
└── BrokenOff   an answer ended before it was complete: nothing of it may be used
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shuqiao_client.replies import Basis


class GatewayError(Exception):
    """Anything that kept an answer from coming."""


class BrokenOff(GatewayError):
    """An export or file ended early, for instance because its grant was suspended meanwhile."""


class Refused(GatewayError):
    """The gateway refused: `rule` names the rule, `reason` says why (Chinese), `basis` the articles it rests on.

    `receipt` is the refusal's evidence, empty where none is kept; `retry_after` seconds, where waiting helps.
    """

    def __init__(
        self,
        status: int,
        rule: str,
        reason: str,
        *,
        basis: Sequence[Basis] = (),
        receipt: str = "",
        retry_after: int | None = None,
    ) -> None:
        self.status, self.rule, self.reason = status, rule, reason
        self.basis, self.receipt, self.retry_after = tuple(basis), receipt, retry_after
        named = "；".join(one.title for one in self.basis)
        super().__init__(f"{status} {rule}：{reason}" + (f"（{named}）" if named else ""))
