"""Addresses under /catalog/."""

from __future__ import annotations

from django.urls import path

from shuqiao.catalog.views import browsing, editing, importing, reviewing, synonyms

app_name = "catalog"
urlpatterns = [
    path("", browsing.entry_list, name="list"),
    path("suggestions/", browsing.suggestions, name="suggestions"),
    path("synonyms/", synonyms.synonym_list, name="synonyms"),
    path("synonyms/<uuid:group_id>/remove/", synonyms.remove, name="remove-synonyms"),
    path("export.xlsx", browsing.export, name="export"),
    path("template.xlsx", browsing.template, name="template"),
    path("entries/<uuid:entry_id>/", browsing.entry_detail, name="entry"),
    path("entries/<uuid:entry_id>/revise/", editing.revise, name="revise"),
    path("entries/<uuid:entry_id>/withdraw/", editing.withdraw, name="withdraw"),
    path("mine/", editing.mine, name="mine"),
    path("mine/submit/", editing.submit_many, name="submit-many"),
    path("new/", editing.new, name="new"),
    path("item-row/", editing.add_item, name="item-row"),
    path("revisions/<uuid:revision_id>/", reviewing.revision_detail, name="revision"),
    path("revisions/<uuid:revision_id>/edit/", editing.edit, name="edit"),
    path("revisions/<uuid:revision_id>/ask-sign-off/", editing.ask_sign_off, name="ask-sign-off"),
    path("revisions/<uuid:revision_id>/submit/", editing.submit, name="submit"),
    path("revisions/<uuid:revision_id>/return/", reviewing.send_back, name="return"),
    path("revisions/<uuid:revision_id>/publish/", reviewing.publish, name="publish"),
    path("review/", reviewing.review_list, name="review"),
    path("review/publish/", reviewing.publish_many, name="publish-many"),
    path("import/", importing.upload, name="upload"),
    path("imports/<uuid:import_id>/", importing.report, name="import"),
    path("imports/<uuid:import_id>/confirm/", importing.confirm, name="confirm"),
    path("imports/<uuid:import_id>/discard/", importing.discard, name="discard"),
]
