"""Rows of the open platform: reviews before opening, applications, feedback, works."""

from shuqiao.opening.models.applications import (
    ApplicationQuerySet,
    FollowUp,
    OfficialReply,
    OpenAgreement,
    OpenApplication,
    OpenCompetition,
)
from shuqiao.opening.models.feedback import Feedback, FeedbackQuerySet, Rating
from shuqiao.opening.models.review import OpeningReview, ReviewDomain, ReviewQuerySet
from shuqiao.opening.models.works import Work, WorkEntry, WorkPicture, WorkQuerySet

__all__ = [
    "ApplicationQuerySet",
    "Feedback",
    "FeedbackQuerySet",
    "FollowUp",
    "OfficialReply",
    "OpenAgreement",
    "OpenApplication",
    "OpenCompetition",
    "OpeningReview",
    "Rating",
    "ReviewDomain",
    "ReviewQuerySet",
    "Work",
    "WorkEntry",
    "WorkPicture",
    "WorkQuerySet",
]
