"""Rows of procedures: cases and their clocks, events, mail, working-day calendars, substitutes, settings of people."""

from shuqiao.procedures.models.cases import (
    CaseCounter,
    CaseRow,
    Event,
    EventSeal,
    InboxItem,
    JournalAnchor,
    Notice,
    NoticeRead,
    Term,
    UnsealedEvent,
)
from shuqiao.procedures.models.mails import OutgoingMail
from shuqiao.procedures.models.owned import OwnCase

__all__ = [
    "CaseCounter",
    "CaseRow",
    "Event",
    "EventSeal",
    "InboxItem",
    "JournalAnchor",
    "Notice",
    "NoticeRead",
    "OutgoingMail",
    "OwnCase",
    "Term",
    "UnsealedEvent",
]
