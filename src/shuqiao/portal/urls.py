"""Addresses of the portal."""

from django.urls import path

from shuqiao.portal import views, workbench

app_name = "portal"
urlpatterns = [
    path("styleguide/", views.styleguide, name="styleguide"),
    path("healthz", views.healthz, name="healthz"),
    path("work/", workbench.inbox, name="inbox"),
    path("work/done/", workbench.done, name="done"),
    path("work/notices/", workbench.notices, name="notices"),
    path("work/supervision/", workbench.supervision, name="supervision"),
    path("work/supervision/<uuid:term_id>/remind/", workbench.remind, name="remind"),
]
