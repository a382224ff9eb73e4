"""Addresses under /sharing/collecting/."""

from __future__ import annotations

from django.urls import path

from shuqiao.sharing.views import collecting

urlpatterns = [
    path("collecting/", collecting.check_list, name="collecting"),
    path("collecting/new/", collecting.new, name="collecting-new"),
    path("collecting/<uuid:check_id>/", collecting.show, name="collecting-check"),
    path("collecting/<uuid:check_id>/decide/", collecting.decide, name="collecting-decide"),
    path("collecting/<uuid:check_id>/export.csv", collecting.export, name="collecting-export"),
]
