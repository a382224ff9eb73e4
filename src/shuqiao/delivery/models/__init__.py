"""Rows of delivery."""

from shuqiao.delivery.models.grants import BookState, Grant, GrantQuerySet
from shuqiao.delivery.models.keys import ApplicationKey, GrantKey, KeyQuerySet

__all__ = ["ApplicationKey", "BookState", "Grant", "GrantKey", "GrantQuerySet", "KeyQuerySet"]
