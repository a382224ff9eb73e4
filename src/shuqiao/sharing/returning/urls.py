"""Addresses under /sharing/returns/."""

from __future__ import annotations

from django.urls import path

from shuqiao.sharing.returning import views

CASE = "returns/<uuid:flow_id>/"
urlpatterns = [
    path("returns/", views.index, name="returns"),
    path("returns/new/<uuid:entry_id>/", views.new, name="return-new"),
    path("returns/mark/<uuid:entry_id>/", views.mark, name="return-mark"),
    path(CASE, views.show, name="return"),
    path(f"{CASE}open/", views.open_, name="return-open"),
    path(f"{CASE}refuse/", views.refuse, name="return-refuse"),
    path(f"{CASE}withdraw/", views.withdraw, name="return-withdraw"),
]
