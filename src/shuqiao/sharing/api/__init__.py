"""REST of sharing under /api/v1/sharing/: one module per procedure, mounted here with one line each."""

from __future__ import annotations

from ninja import Router

from shuqiao.sharing.api import requests

router = Router()
router.add_router("", requests.router)
