"""Addresses of the portal."""

from django.urls import path

from shuqiao.portal import forwarding, personal, supervision, views, workbench, working_days

app_name = "portal"
urlpatterns = [
    path("styleguide/", views.styleguide, name="styleguide"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("work/", workbench.inbox, name="inbox"),
    path("work/done/", workbench.done, name="done"),
    path("work/notices/", workbench.notices, name="notices"),
    path("work/supervision/", supervision.supervision, name="supervision"),
    path("work/supervision/remind/", supervision.remind_many, name="remind-many"),
    path("work/supervision/statistics/", supervision.statistics, name="statistics"),
    path("work/supervision/<uuid:term_id>/remind/", supervision.remind, name="remind"),
    path("work/public-demands/<uuid:feedback_id>/forward/", forwarding.forward, name="forward-demand"),
    path("work/calendar/", working_days.working_days, name="working-days"),
    path("work/settings/", personal.personal_settings, name="settings"),
    path("work/settings/calendar/", personal.make_feed, name="make-feed"),
    path("work/settings/calendar/revoke/", personal.revoke_feed, name="revoke-feed"),
    path("calendar/<str:secret>.ics", personal.feed, name="feed"),
    path("work/substitutes/", personal.substitutes, name="substitutes"),
    path("work/substitutes/<uuid:substitution_id>/end/", personal.end_substitution, name="end-substitution"),
    path("work/mail/", personal.mails, name="mails"),
    path("work/mail/<uuid:mail_id>/retry/", personal.retry_mail, name="retry-mail"),
]
