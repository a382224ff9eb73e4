"""Addresses of the use of a grant, under /grants/."""

from django.urls import path

from shuqiao.delivery.use import views

urlpatterns = [
    path("grants/<uuid:grant_id>/use/", views.show, name="use"),
    path("grants/<uuid:grant_id>/use/report/", views.report, name="use-report"),
    path("grants/<uuid:grant_id>/use/dispose/", views.dispose, name="use-dispose"),
    path("grants/<uuid:grant_id>/use/demand/", views.demand, name="use-demand"),
    path("grants/<uuid:grant_id>/use/order/", views.order, name="use-order"),
    path("grants/<uuid:grant_id>/use/corrected/", views.corrected, name="use-corrected"),
    path("grants/<uuid:grant_id>/use/consent/", views.consent, name="use-consent"),
    path("grants/consents/<uuid:consent_id>/withdraw/", views.withdraw_consent, name="use-consent-withdraw"),
    path("grants/<uuid:grant_id>/file/", views.file, name="file-stop"),
    path("grants/filings/<uuid:filing_id>/withdraw/", views.withdraw_filing, name="filing-withdraw"),
    path("grants/<uuid:grant_id>/change/", views.change, name="change"),
]
