"""Rows of sharing requests, joint applications, and of every other procedure of sharing."""

from shuqiao.sharing.models.attachments import VerificationFile
from shuqiao.sharing.models.collecting import CollectionCheck, CollectionItem
from shuqiao.sharing.models.demands import Demand, DemandSupporter
from shuqiao.sharing.models.disputes import Dispute, DisputeStatement
from shuqiao.sharing.models.emergencies import EmergencyShare, SharingEmergency
from shuqiao.sharing.models.joint import JointQuerySet, JointRequest
from shuqiao.sharing.models.outside import OutsideAgreement, OutsideRequest
from shuqiao.sharing.models.requests import RequestQuerySet, SharingRequest
from shuqiao.sharing.models.returning import ReturnFlow, ReturnMark
from shuqiao.sharing.models.verification import ReaderTold, Verification, VerificationField

__all__ = [
    "CollectionCheck",
    "CollectionItem",
    "Demand",
    "DemandSupporter",
    "Dispute",
    "DisputeStatement",
    "EmergencyShare",
    "JointQuerySet",
    "JointRequest",
    "OutsideAgreement",
    "OutsideRequest",
    "ReaderTold",
    "RequestQuerySet",
    "ReturnFlow",
    "ReturnMark",
    "SharingEmergency",
    "SharingRequest",
    "Verification",
    "VerificationField",
    "VerificationFile",
]
