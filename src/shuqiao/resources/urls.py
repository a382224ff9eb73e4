"""Addresses under /resources/."""

from __future__ import annotations

from django.urls import path

from shuqiao.resources import comparison_views as comparisons
from shuqiao.resources import recipe_views as recipes
from shuqiao.resources import upload_views as uploads
from shuqiao.resources import version_views as versions
from shuqiao.resources import views

app_name = "resources"
urlpatterns = [
    path("", views.list_resources, name="list"),
    path("mount/", views.mount, name="mount"),
    path("of-entry/<uuid:entry_id>/", views.of_entry, name="of-entry"),
    path("<uuid:resource_id>/", views.show_resource, name="resource"),
    path("<uuid:resource_id>/upload/", uploads.Upload.as_view(), name="upload"),
    path("<uuid:resource_id>/uploads/", uploads.transfers, name="transfers"),
    path("uploads/<uuid:transfer_id>/", uploads.transfer, name="transfer"),
    path("uploads/<uuid:transfer_id>/give-up/", uploads.give_up, name="give-up"),
    path("versions/<uuid:version_id>/", versions.show_version, name="version"),
    path("versions/<uuid:version_id>/state/", versions.state, name="state"),
    path("versions/<uuid:version_id>/reading/", versions.reading, name="reading"),
    path("versions/<uuid:version_id>/reread/", versions.reread, name="reread"),
    path("<uuid:resource_id>/recipes/", recipes.list_recipes, name="recipes"),
    path("versions/<uuid:version_id>/accept/", recipes.accept, name="accept"),
    path("versions/<uuid:version_id>/submit/", versions.submit, name="submit"),
    path("versions/<uuid:version_id>/publish/", versions.publish, name="publish"),
    path("versions/<uuid:version_id>/return/", versions.send_back, name="return"),
    path("versions/<uuid:version_id>/discard/", views.discard, name="discard"),
    path("versions/<uuid:version_id>/compare/", comparisons.compare, name="compare"),
    path("comparisons/<uuid:comparison_id>/", comparisons.show_comparison, name="comparison"),
    path("comparisons/<uuid:comparison_id>/state/", comparisons.comparison_state, name="comparison-state"),
    path(
        "comparisons/<uuid:comparison_id>/difference.csv", comparisons.comparison_csv, name="comparison-csv"
    ),
    path(
        "comparisons/<uuid:comparison_id>/difference.ndjson",
        comparisons.comparison_ndjson,
        name="comparison-ndjson",
    ),
    path("versions/<uuid:version_id>/content/", versions.content, name="content"),
    path("versions/<uuid:version_id>/quarantine/", versions.show_quarantine, name="quarantine"),
    path("versions/<uuid:version_id>/quarantine.csv", versions.quarantine_csv, name="quarantine-csv"),
]
