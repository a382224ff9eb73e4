"""Addresses under /sharing/verification/."""

from __future__ import annotations

from django.urls import path

from shuqiao.sharing.verification import file_views, views, writing

urlpatterns = [
    path("verification/", views.index, name="verifications"),
    path("verification/of-resource/<uuid:resource_id>/", views.of_resource, name="verification-of-resource"),
    path("verification/told/<uuid:grant_id>/", views.told, name="verification-told"),
    path("verification/look/<uuid:grant_id>/", writing.look, name="verification-look"),
    path("verification/new/<uuid:grant_id>/", writing.new, name="verification-new"),
    path("verification/<uuid:verification_id>/", views.show, name="verification"),
    path("verification/<uuid:verification_id>/answer/", views.answer, name="verification-answer"),
    path("verification/<uuid:verification_id>/confirm/", views.confirm, name="verification-confirm"),
    path("verification/<uuid:verification_id>/accept/", views.accept, name="verification-accept"),
    path("verification/<uuid:verification_id>/restate/", views.restate, name="verification-restate"),
    path("verification/<uuid:verification_id>/reject/", views.reject, name="verification-reject"),
    path("verification/<uuid:verification_id>/withdraw/", views.withdraw, name="verification-withdraw"),
    path("verification/<uuid:verification_id>/serve/", views.serve, name="verification-serve"),
    path("verification/<uuid:verification_id>/attach/", file_views.attach, name="verification-attach"),
    path("verification/file/<uuid:file_id>/", file_views.download, name="verification-file"),
    path("verification/<uuid:verification_id>/erase/", views.erase, name="verification-erase"),
]
