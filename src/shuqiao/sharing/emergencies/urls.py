"""Addresses under /sharing/emergencies/."""

from __future__ import annotations

from django.urls import path

from shuqiao.sharing.emergencies import views

CASE = "emergencies/<uuid:emergency_id>/"
urlpatterns = [
    path("emergencies/", views.index, name="emergencies"),
    path("emergencies/new/", views.declare, name="emergency-new"),
    path(CASE, views.show, name="emergency"),
    path(f"{CASE}share/", views.choose, name="emergency-choose"),
    path(f"{CASE}share/<uuid:entry_id>/", views.share, name="emergency-share"),
    path(f"{CASE}end/", views.end, name="emergency-end"),
    path(f"{CASE}review/", views.review, name="emergency-review"),
]
