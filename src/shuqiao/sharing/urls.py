"""Addresses under /sharing/. Each procedure keeps its own list in its folder; one line each mounts it here."""

from django.urls import path

from shuqiao.sharing.collecting import urls as collecting
from shuqiao.sharing.demands import urls as demands
from shuqiao.sharing.disputes import urls as disputes
from shuqiao.sharing.emergencies import urls as emergencies
from shuqiao.sharing.outside import urls as outside
from shuqiao.sharing.returning import urls as returning
from shuqiao.sharing.verification import urls as verification
from shuqiao.sharing.views import answering, asking, joint, reading

app_name = "sharing"
requests = [
    path("", reading.index, name="list"),
    path("of-entry/<uuid:entry_id>/", reading.of_entry, name="of-entry"),
    path("new/<uuid:entry_id>/", asking.new, name="new"),
    path("new/<uuid:entry_id>/use/", asking.use, name="use"),
    path("new/<uuid:entry_id>/row/", asking.condition_row, name="condition-row"),
    path("new/<uuid:entry_id>/preview/", asking.preview, name="preview"),
    path("<uuid:request_id>/", reading.show, name="request"),
    path("<uuid:request_id>/edit/", asking.edit, name="edit"),
    path("<uuid:request_id>/submit/", asking.submit, name="submit"),
    path("<uuid:request_id>/withdraw/", asking.withdraw, name="withdraw"),
    path("<uuid:request_id>/supplement/", asking.supplement, name="supplement"),
    path("<uuid:request_id>/answer/", answering.answer, name="answer"),
    path("<uuid:request_id>/approve/", answering.approve, name="approve"),
    path("<uuid:request_id>/refuse/", answering.refuse, name="refuse"),
    path("<uuid:request_id>/ask-supplement/", answering.ask_supplement, name="ask-supplement"),
    path("<uuid:request_id>/ask-extension/", answering.ask_extension, name="ask-extension"),
    path("<uuid:request_id>/consent/", answering.consent, name="consent"),
    path("<uuid:request_id>/deny/", answering.deny, name="deny"),
    path("<uuid:request_id>/deliver/", answering.deliver, name="deliver"),
    path("<uuid:request_id>/lapse/", answering.lapse, name="lapse"),
    path("<uuid:request_id>/remind/", asking.remind, name="remind"),
    path("<uuid:request_id>/renew/", asking.renew, name="renew"),
    path("joint/", joint.index, name="joint-list"),
    path("joint/add/<uuid:entry_id>/", joint.add, name="joint-add"),
    path("joint/part/<uuid:request_id>/", joint.part, name="joint-part"),
    path("joint/part/<uuid:request_id>/remove/", joint.remove, name="joint-remove"),
    path("joint/<uuid:joint_id>/", joint.show, name="joint"),
    path("joint/<uuid:joint_id>/submit/", joint.submit, name="joint-submit"),
    path("joint/<uuid:joint_id>/withdraw/", joint.withdraw, name="joint-withdraw"),
]
urlpatterns = [
    *requests,
    *collecting.urlpatterns,
    *demands.urlpatterns,
    *disputes.urlpatterns,
    *verification.urlpatterns,
    *outside.urlpatterns,
    *emergencies.urlpatterns,
    *returning.urlpatterns,
]
