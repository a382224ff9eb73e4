"""REST of the open platform, one router per procedure."""

from __future__ import annotations

from ninja import Router

from shuqiao.opening.applications.api import router as applications
from shuqiao.opening.review.api import router as reviews

router = Router()
router.add_router("/reviews", reviews)
router.add_router("", applications)
