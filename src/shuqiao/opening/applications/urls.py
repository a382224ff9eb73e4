"""Addresses of open applications."""

from django.urls import path

from shuqiao.opening.applications import step_views, views

CASE = "opening/applications/<uuid:application_id>/"
urlpatterns = [
    path("open/<uuid:entry_id>/apply/", views.apply, name="apply"),
    path("opening/applications/", views.applications, name="applications"),
    path(CASE, views.application, name="application"),
    path(f"{CASE}supplement/", views.supplement, name="application-supplement"),
    path(f"{CASE}withdraw/", step_views.withdraw, name="application-withdraw"),
    path(f"{CASE}agree/", step_views.agree, name="application-agree"),
    path(f"{CASE}refuse/", step_views.refuse, name="application-refuse"),
    path(f"{CASE}ask-supplement/", step_views.ask_supplement, name="application-ask-supplement"),
    path(f"{CASE}confirm/", step_views.confirm, name="application-confirm"),
    path(f"{CASE}report/", step_views.report, name="application-report"),
    path(f"{CASE}seen/", step_views.seen, name="application-seen"),
    path(f"{CASE}revoke/", step_views.revoke, name="application-revoke"),
    path(f"{CASE}lapse/", step_views.lapse, name="application-lapse"),
    path(f"{CASE}reply/", step_views.ask_reply, name="application-reply"),
    path(f"{CASE}reply.docx", views.reply_docx, name="application-reply-docx"),
    path(f"{CASE}reply.pdf", views.reply_pdf, name="application-reply-pdf"),
    path(f"{CASE}agreement.txt", views.agreement, name="application-agreement"),
    path("opening/competitions/", step_views.competitions, name="competitions"),
]
