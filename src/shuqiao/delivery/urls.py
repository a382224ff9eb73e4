"""Addresses of grants, keys and receipts."""

app_name = "delivery"
urlpatterns: list[object] = []
