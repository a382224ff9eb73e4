"""REST of sharing under /api/v1/sharing/: one module per procedure, mounted here with one line each."""

from __future__ import annotations

from ninja import Router

from shuqiao.sharing.api import answers, joint, requests
from shuqiao.sharing.collecting import api as collecting
from shuqiao.sharing.demands import api as demands
from shuqiao.sharing.disputes import api as disputes
from shuqiao.sharing.emergencies import api as emergencies
from shuqiao.sharing.outside import api as outside
from shuqiao.sharing.returning import api as returning
from shuqiao.sharing.verification import api as verification
from shuqiao.sharing.verification import file_api as verification_files

router = Router()
router.add_router("", requests.router)
router.add_router("", answers.router)
router.add_router("", joint.router)
router.add_router("/verifications", verification.router)
router.add_router("/verifications", verification_files.router)
router.add_router("/disputes", disputes.router)
router.add_router("/demands", demands.router)
router.add_router("/outside", outside.router)
router.add_router("/emergencies", emergencies.router)
router.add_router("/returns", returning.router)
router.add_router("/collecting", collecting.router)
