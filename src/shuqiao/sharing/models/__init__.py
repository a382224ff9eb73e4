"""Rows of sharing requests, joint applications, and of what departments asked before they collect."""

from shuqiao.sharing.models.collecting import CollectionCheck, CollectionItem
from shuqiao.sharing.models.demands import Demand, DemandSupporter
from shuqiao.sharing.models.disputes import Dispute, DisputeStatement
from shuqiao.sharing.models.joint import JointQuerySet, JointRequest
from shuqiao.sharing.models.requests import RequestQuerySet, SharingRequest
from shuqiao.sharing.models.verification import ReaderTold, Verification, VerificationField

__all__ = [
    "CollectionCheck",
    "CollectionItem",
    "Demand",
    "DemandSupporter",
    "Dispute",
    "DisputeStatement",
    "JointQuerySet",
    "JointRequest",
    "ReaderTold",
    "RequestQuerySet",
    "SharingRequest",
    "Verification",
    "VerificationField",
]
