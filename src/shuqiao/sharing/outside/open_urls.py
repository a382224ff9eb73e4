"""The applicants' addresses, under /open/sharing/."""

from __future__ import annotations

from django.urls import path

from shuqiao.sharing.outside import open_views as views

app_name = "outside"
CASE = "<uuid:request_id>/"
urlpatterns = [
    path("new/<uuid:entry_id>/", views.apply, name="apply"),
    path(CASE, views.show, name="request"),
    path(f"{CASE}supplement/", views.supplement, name="supplement"),
    path(f"{CASE}withdraw/", views.withdraw, name="withdraw"),
    path(f"{CASE}confirm/", views.confirm, name="confirm"),
    path(f"{CASE}agreement.txt", views.agreement, name="agreement"),
]
