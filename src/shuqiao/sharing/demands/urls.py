"""Addresses under /sharing/demands/."""

from __future__ import annotations

from django.urls import path

from shuqiao.sharing.demands import views

urlpatterns = [
    path("demands/", views.index, name="demands"),
    path("demands/new/", views.new, name="demand-new"),
    path("demands/<uuid:demand_id>/", views.show, name="demand"),
    path("demands/<uuid:demand_id>/assign/", views.assign, name="demand-assign"),
    path("demands/<uuid:demand_id>/merge/", views.merge, name="demand-merge"),
    path("demands/<uuid:demand_id>/return/", views.return_, name="demand-return"),
    path("demands/<uuid:demand_id>/accept/", views.accept, name="demand-accept"),
    path("demands/<uuid:demand_id>/link/", views.link, name="demand-link"),
    path("demands/<uuid:demand_id>/start/", views.start, name="demand-start"),
    path("demands/<uuid:demand_id>/meet/", views.meet, name="demand-meet"),
    path("demands/<uuid:demand_id>/refuse/", views.refuse, name="demand-refuse"),
    path("demands/<uuid:demand_id>/support/", views.support, name="demand-support"),
    path("demands/<uuid:demand_id>/withdraw/", views.withdraw, name="demand-withdraw"),
]
