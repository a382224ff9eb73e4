"""Addresses of duties, campaigns, themes and comparisons, under /catalog/."""

from __future__ import annotations

from django.urls import path

from shuqiao.catalog.views import campaigns, comparing, duties, themes

urlpatterns = [
    path("entries/<uuid:entry_id>/compare/", comparing.compare, name="compare"),
    path("stale/", duties.stale_list, name="stale"),
    path("duties/", duties.duty_list, name="duties"),
    path("duties/new/", duties.new_duty, name="new-duty"),
    path("duties/<uuid:duty_id>/", duties.duty_detail, name="duty"),
    path("duties/<uuid:duty_id>/entries/", duties.add_entries, name="duty-entries"),
    path("duties/<uuid:duty_id>/unchanged/", duties.unchanged, name="duty-unchanged"),
    path("duties/<uuid:duty_id>/extension/", duties.ask_extension, name="duty-extension"),
    path("duties/<uuid:duty_id>/extension/answer/", duties.answer_extension, name="duty-answer"),
    path("duties/<uuid:duty_id>/report/", duties.report, name="duty-report"),
    path("duties/<uuid:duty_id>/confirm/", duties.confirm, name="duty-confirm"),
    path("duties/<uuid:duty_id>/return/", duties.send_back, name="duty-return"),
    path("duties/<uuid:duty_id>/cancel/", duties.cancel, name="duty-cancel"),
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/<uuid:campaign_id>/", campaigns.campaign_detail, name="campaign"),
    path("campaigns/<uuid:campaign_id>/confirm/", campaigns.confirm, name="campaign-confirm"),
    path("campaigns/<uuid:campaign_id>/remind/", campaigns.remind, name="campaign-remind"),
    path("campaigns/<uuid:campaign_id>/close/", campaigns.close, name="campaign-close"),
    path("themes/", themes.theme_list, name="themes"),
    path("themes/<uuid:theme_id>/", themes.theme_detail, name="theme"),
    path("themes/<uuid:theme_id>/name/", themes.rename, name="theme-rename"),
    path("themes/<uuid:theme_id>/members/", themes.members, name="theme-members"),
    path("themes/<uuid:theme_id>/submit/", themes.submit, name="theme-submit"),
    path("themes/<uuid:theme_id>/establish/", themes.establish, name="theme-establish"),
    path("themes/<uuid:theme_id>/return/", themes.send_back, name="theme-return"),
    path("themes/<uuid:theme_id>/dissolve/", themes.dissolve, name="theme-dissolve"),
]
