"""Rows of sharing requests, joint applications, and of what departments asked before they collect."""

from shuqiao.sharing.models.collecting import CollectionCheck, CollectionItem
from shuqiao.sharing.models.joint import JointQuerySet, JointRequest
from shuqiao.sharing.models.requests import RequestQuerySet, SharingRequest

__all__ = [
    "CollectionCheck",
    "CollectionItem",
    "JointQuerySet",
    "JointRequest",
    "RequestQuerySet",
    "SharingRequest",
]
