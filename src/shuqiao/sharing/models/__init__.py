"""Rows of sharing requests, and of what departments asked before they collect."""

from shuqiao.sharing.models.collecting import CollectionCheck, CollectionItem
from shuqiao.sharing.models.requests import RequestQuerySet, SharingRequest

__all__ = ["CollectionCheck", "CollectionItem", "RequestQuerySet", "SharingRequest"]
