"""The officers' addresses, under /sharing/outside/."""

from __future__ import annotations

from django.urls import path

from shuqiao.sharing.outside import views

CASE = "outside/<uuid:request_id>/"
urlpatterns = [
    path("outside/", views.index, name="outside-list"),
    path(CASE, views.show, name="outside"),
    path(f"{CASE}ask-supplement/", views.ask_supplement, name="outside-ask-supplement"),
    path(f"{CASE}consult/", views.consult, name="outside-consult"),
    path(f"{CASE}consent/", views.consent, name="outside-consent"),
    path(f"{CASE}agree/", views.agree, name="outside-agree"),
    path(f"{CASE}refuse/", views.refuse, name="outside-refuse"),
    path(f"{CASE}confirm/", views.confirm, name="outside-confirm"),
    path(f"{CASE}revoke/", views.revoke, name="outside-revoke"),
]
