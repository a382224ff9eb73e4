"""All addresses of the control plane. Each has a row in tests/test_access_matrix.py."""

from django.urls import include, path

from shuqiao.api import urls as api

urlpatterns = [
    path("", include("shuqiao.opening.urls")),
    path("", include("shuqiao.portal.urls")),
    path("account/", include("shuqiao.accounts.urls")),
    path("organizations/", include("shuqiao.organizations.urls")),
    path("catalog/", include("shuqiao.catalog.urls")),
    path("resources/", include("shuqiao.resources.urls")),
    path("sharing/", include("shuqiao.sharing.urls")),
    path("open/sharing/", include("shuqiao.sharing.outside.open_urls")),
    path("", include("shuqiao.delivery.urls")),
    path("api/v1/", api),
]
handler404 = "shuqiao.portal.views.not_found"
handler500 = "shuqiao.portal.views.server_error"
handler403 = "shuqiao.portal.views.forbidden"
handler400 = "shuqiao.portal.views.bad_request"
