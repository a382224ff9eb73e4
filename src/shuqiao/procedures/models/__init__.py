"""Rows of procedures: cases and their clocks, events, mail, working-day calendars, substitutes, settings of people."""

from shuqiao.procedures.models.calendars import CalendarYear
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
from shuqiao.procedures.models.reminders import CalendarFeed, MailWish, TermReminder

__all__ = [
    "CalendarFeed",
    "CalendarYear",
    "CaseCounter",
    "CaseRow",
    "Event",
    "EventSeal",
    "InboxItem",
    "JournalAnchor",
    "MailWish",
    "Notice",
    "NoticeRead",
    "OutgoingMail",
    "OwnCase",
    "Term",
    "TermReminder",
    "UnsealedEvent",
]
