"""Addresses of organizations."""

from django.urls import path

from shuqiao.organizations import views

app_name = "organizations"
urlpatterns = [
    path("filings/", views.filings, name="filings"),
    path("filings/<uuid:department_id>/", views.file_contacts, name="file"),
]
