"""Addresses of grants, keys and receipts. Mounted at the root: receipts are public and stand on their own."""

from django.urls import path

from shuqiao.delivery.use.urls import urlpatterns as use
from shuqiao.delivery.views import evidence, grants, keys, receipts

app_name = "delivery"
urlpatterns = [
    path("grants/", grants.index, name="grants"),
    path("grants/keys/", keys.index, name="keys"),
    path("grants/keys/new/", keys.create, name="key-create"),
    path("grants/keys/<slug:key_id>/rotate/", keys.rotate, name="key-rotate"),
    path("grants/keys/<slug:key_id>/revoke/", keys.revoke, name="key-revoke"),
    path("grants/<uuid:grant_id>/", grants.grant, name="grant"),
    path("grants/<uuid:grant_id>/suspend/", grants.suspend, name="suspend"),
    path("grants/<uuid:grant_id>/resume/", grants.resume, name="resume"),
    path("grants/<uuid:grant_id>/end/", grants.end, name="end"),
    path("grants/<uuid:grant_id>/bind/", grants.bind, name="bind"),
    *use,
    path("grants/who/", evidence.who, name="who"),
    path("grants/who/more/", evidence.more, name="who-more"),
    path("receipts/", receipts.index, name="receipts"),
    path("receipts/keys.json", receipts.keys, name="seal-keys"),
    path("receipts/keys/<slug:key_id>.pem", receipts.key, name="seal-key"),
    path("receipts/<str:receipt_id>/", receipts.receipt, name="receipt"),
    path("receipts/<str:receipt_id>/proof.json", receipts.proof, name="proof"),
]
