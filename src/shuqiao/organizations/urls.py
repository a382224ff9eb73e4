"""Addresses of organizations."""

from django.urls import path

from shuqiao.organizations import views

app_name = "organizations"
urlpatterns = [
    path("departments/", views.departments, name="departments"),
    path("departments/new/", views.new_department, name="new-department"),
    path("departments/<uuid:department_id>/", views.department, name="department"),
    path("people/<uuid:user_id>/password/", views.reset_password, name="reset-password"),
    path("appointments/<uuid:membership_id>/end/", views.end_appointment, name="end-appointment"),
    path("filings/", views.filings, name="filings"),
    path("filings/<uuid:department_id>/", views.file_contacts, name="file"),
]
