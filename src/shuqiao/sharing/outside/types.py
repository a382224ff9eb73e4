"""States of an application from outside government, and the facts its rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from shuqiao.sharing.types import Offer, Scope


class OutsideStatus(TextChoices):
    """Where an application stands."""

    SUBMITTED = "submitted", "待审查"
    SUPPLEMENT_ASKED = "supplement_asked", "待补正"
    CONSULTING = "consulting", "征求提供部门意见"
    DECIDING = "deciding", "待答复"
    AGREED = "agreed", "已同意，待双方确认协议"
    OPENED = "opened", "已按协议开通"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"
    ENDED = "ended", "协议已到期"
    REVOKED = "revoked", "已收回"


_S = OutsideStatus
OUTSIDE_MOVES: Mapping[OutsideStatus, frozenset[OutsideStatus]] = {
    _S.SUBMITTED: frozenset({_S.SUPPLEMENT_ASKED, _S.CONSULTING, _S.REFUSED, _S.WITHDRAWN}),
    # What has left the catalogue needs no supplement any more: the bureau may then say no at once.
    _S.SUPPLEMENT_ASKED: frozenset({_S.SUBMITTED, _S.REFUSED, _S.WITHDRAWN}),
    _S.CONSULTING: frozenset({_S.DECIDING, _S.WITHDRAWN}),
    _S.DECIDING: frozenset({_S.AGREED, _S.REFUSED, _S.WITHDRAWN}),
    # A yes falls when it is never confirmed, or the data is no longer there to give.
    _S.AGREED: frozenset({_S.OPENED, _S.REFUSED, _S.WITHDRAWN}),
    _S.OPENED: frozenset({_S.ENDED, _S.REVOKED}),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.ENDED: frozenset(),
    _S.REVOKED: frozenset(),
}
WAITS_FOR_REPLY = frozenset({_S.SUBMITTED, _S.SUPPLEMENT_ASKED, _S.CONSULTING, _S.DECIDING})
YES = frozenset({_S.AGREED, _S.OPENED, _S.ENDED, _S.REVOKED})
OUTSIDE_TONES: Mapping[OutsideStatus, str] = {
    _S.SUBMITTED: "wait",
    _S.SUPPLEMENT_ASKED: "ochre",
    _S.CONSULTING: "wait",
    _S.DECIDING: "wait",
    _S.AGREED: "ochre",
    _S.OPENED: "jade",
    _S.REFUSED: "off",
    _S.WITHDRAWN: "off",
    _S.ENDED: "off",
    _S.REVOKED: "late",
}


class Consent(TextChoices):
    """What the provider says to the bureau."""

    YES = "yes", "同意"
    NO = "no", "不同意"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an applicant writes. `items`: (column, mask)."""

    items: tuple[tuple[str, str], ...] = ()
    modes: tuple[str, ...] = ()
    purpose: str = ""
    scenario: str = ""
    safeguards: str = ""
    valid_until: date | None = None

    def scope(self) -> Scope:
        """What it asks for."""
        return Scope(self.items, (), self.modes, self.valid_until)


@dataclass(frozen=True, slots=True)
class OutsideFacts:
    """An application as its rules see it. `organisation`: not a natural person; `registered`: verified and open;
    `mounted`: there is a published table."""

    scope: Scope
    offer: Offer
    organisation: bool
    registered: bool
    mounted: bool
    purpose: str = ""
    scenario: str = ""
    safeguards: str = ""
