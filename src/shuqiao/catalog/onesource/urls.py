"""Addresses under /catalog/ about doubles, source departments and emergency collection."""

from __future__ import annotations

from django.urls import path

from shuqiao.catalog.views import emergencies, sources

urlpatterns = [
    path("entries/<uuid:entry_id>/sources/", sources.entry_sources, name="entry-sources"),
    path("entries/<uuid:entry_id>/separate/", sources.separate, name="separate"),
    path("duplicates/", sources.pair_list, name="pairs"),
    path("duplicates/<uuid:pair_id>/", sources.pair_detail, name="pair"),
    path("duplicates/<uuid:pair_id>/keep-both/", sources.keep_both, name="keep-both"),
    path("duplicates/<uuid:pair_id>/merge/", sources.merge, name="merge"),
    path("data-items/", sources.item_list, name="spread"),
    path("data-items/<uuid:spread_id>/", sources.item_detail, name="spread-item"),
    path("data-items/<uuid:spread_id>/designate/", sources.designate, name="designate"),
    path("sources/", sources.source_list, name="sources"),
    path("sources/<uuid:designation_id>/end/", sources.end_source, name="end-source"),
    path("emergencies/", emergencies.emergency_list, name="emergencies"),
    path("emergencies/new/", emergencies.new_emergency, name="new-emergency"),
    path("emergencies/<uuid:emergency_id>/", emergencies.emergency_detail, name="emergency"),
    path("emergencies/<uuid:emergency_id>/end/", emergencies.end_emergency, name="end-emergency"),
]
