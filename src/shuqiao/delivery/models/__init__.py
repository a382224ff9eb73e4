"""Rows of delivery."""

from shuqiao.delivery.models.filings import StopFiling
from shuqiao.delivery.models.grants import BookState, Grant, GrantQuerySet
from shuqiao.delivery.models.keys import ApplicationKey, GrantKey, KeyQuerySet
from shuqiao.delivery.models.use import Correction, ExpiryReminder, OnwardConsent, UseRecord, UseReport

__all__ = [
    "ApplicationKey",
    "BookState",
    "Correction",
    "ExpiryReminder",
    "Grant",
    "GrantKey",
    "GrantQuerySet",
    "KeyQuerySet",
    "OnwardConsent",
    "StopFiling",
    "UseRecord",
    "UseReport",
]
