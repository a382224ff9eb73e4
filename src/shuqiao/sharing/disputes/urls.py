"""Addresses under /sharing/disputes/."""

from __future__ import annotations

from django.urls import path

from shuqiao.sharing.disputes import views

urlpatterns = [
    path("disputes/", views.index, name="disputes"),
    path("disputes/new/", views.new, name="dispute-new"),
    path("disputes/<uuid:dispute_id>/", views.show, name="dispute"),
    path("disputes/<uuid:dispute_id>/speak/", views.speak, name="dispute-speak"),
    path("disputes/<uuid:dispute_id>/agree/", views.agree, name="dispute-agree"),
    path("disputes/<uuid:dispute_id>/refer/", views.refer, name="dispute-refer"),
    path("disputes/<uuid:dispute_id>/decide/", views.decide, name="dispute-decide"),
    path("disputes/<uuid:dispute_id>/accept/", views.accept, name="dispute-accept"),
    path("disputes/<uuid:dispute_id>/object/", views.object_, name="dispute-object"),
    path("disputes/<uuid:dispute_id>/rule/", views.rule, name="dispute-rule"),
    path("disputes/<uuid:dispute_id>/withdraw/", views.withdraw, name="dispute-withdraw"),
]
