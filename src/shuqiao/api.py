"""REST of the control plane: OpenAPI 3.1 at /api/v1/docs, one router per app, same services as the pages."""

from __future__ import annotations

from ninja import NinjaAPI
from ninja.security import django_auth

from shuqiao.catalog.api import router as catalog
from shuqiao.delivery.api import router as delivery
from shuqiao.resources.api import router as resources
from shuqiao.sharing.api import router as sharing

api = NinjaAPI(title="数桥 Shuqiao", version="1", auth=django_auth, docs_url=None, urls_namespace="api")
api.add_router("/catalog", catalog)
api.add_router("/resources", resources)
api.add_router("/sharing", sharing)
api.add_router("/delivery", delivery)
