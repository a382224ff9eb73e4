"""Addresses under /catalog/."""

from __future__ import annotations

from django.urls import path

from shuqiao.catalog.life.urls import urlpatterns as life
from shuqiao.catalog.onesource import urls as onesource
from shuqiao.catalog.views import (
    browsing,
    classing,
    editing,
    exporting,
    importing,
    leaving,
    mappings,
    reviewing,
    synonyms,
    writing,
)

app_name = "catalog"
urlpatterns = [
    path("", browsing.entry_list, name="list"),
    path("suggestions/", browsing.suggestions, name="suggestions"),
    path("classification/", classing.class_list, name="classification"),
    path("classification/<uuid:class_id>/", classing.use, name="use-class"),
    path("synonyms/", synonyms.synonym_list, name="synonyms"),
    path("synonyms/<uuid:group_id>/remove/", synonyms.remove, name="remove-synonyms"),
    path("export.xlsx", exporting.export, name="export"),
    path("export.csv", exporting.export_whole, name="export-whole"),
    path("exports/", exporting.export_list, name="exports"),
    path("exports/<uuid:export_id>/", exporting.export_job, name="export-job"),
    path("exports/<uuid:export_id>/state/", exporting.export_state, name="export-state"),
    path("exports/<uuid:export_id>/file.xlsx", exporting.export_file, name="export-file"),
    path("exports/<uuid:export_id>/drop/", exporting.drop, name="export-drop"),
    path("template.xlsx", browsing.template, name="template"),
    path("entries/<uuid:entry_id>/", browsing.entry_detail, name="entry"),
    path("entries/<uuid:entry_id>/revise/", editing.revise, name="revise"),
    path("entries/<uuid:entry_id>/withdraw/", editing.withdraw, name="withdraw"),
    path("entries/<uuid:entry_id>/restore/", leaving.restore, name="restore"),
    path("mine/", editing.mine, name="mine"),
    path("mine/submit/", editing.submit_many, name="submit-many"),
    path("new/", editing.new, name="new"),
    path("item-row/", editing.add_item, name="item-row"),
    path("revisions/<uuid:revision_id>/", reviewing.revision_detail, name="revision"),
    path("revisions/<uuid:revision_id>/edit/", editing.edit, name="edit"),
    path("revisions/<uuid:revision_id>/ask-sign-off/", editing.ask_sign_off, name="ask-sign-off"),
    path("revisions/<uuid:revision_id>/submit/", editing.submit, name="submit"),
    path("revisions/<uuid:revision_id>/give-up/", leaving.give_up, name="give-up"),
    path("revisions/<uuid:revision_id>/return/", reviewing.send_back, name="return"),
    path("revisions/<uuid:revision_id>/publish/", reviewing.publish, name="publish"),
    path("review/", reviewing.review_list, name="review"),
    path("review/publish/", reviewing.publish_many, name="publish-many"),
    path("review/decide/", reviewing.decide_many, name="decide-many"),
    path("import/", importing.upload, name="upload"),
    path("imports/<uuid:import_id>/", importing.report, name="import"),
    path("imports/<uuid:import_id>/confirm/", importing.confirm, name="confirm"),
    path("imports/<uuid:import_id>/entries/", importing.entries, name="import-entries"),
    path("imports/<uuid:import_id>/providers/", importing.assign, name="assign"),
    path("imports/<uuid:import_id>/annotated.xlsx", importing.annotated, name="annotated"),
    path("imports/<uuid:import_id>/undo/", importing.undo, name="undo"),
    path("from-file/", writing.from_file, name="from-file"),
    path("check/", writing.check, name="check"),
    path("classes/", writing.classes, name="classes"),
    path("related/", writing.related, name="related"),
    path("mappings/", mappings.mapping_list, name="mappings"),
    path("mappings/new/", mappings.new, name="mapping-new"),
    path("mappings/<uuid:mapping_id>/", mappings.edit, name="mapping"),
    path("mappings/<uuid:mapping_id>/retire/", mappings.retire, name="mapping-retire"),
    path("imports/<uuid:import_id>/discard/", importing.discard, name="discard"),
    *life,
    *onesource.urlpatterns,
]
