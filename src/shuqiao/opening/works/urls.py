"""Addresses of works."""

from django.urls import path

from shuqiao.opening.works import views

urlpatterns = [
    path("open/works/", views.gallery, name="works"),
    path("open/works/new/", views.new, name="new-work"),
    path("open/works/<uuid:work_id>/", views.show, name="work"),
    path("open/works/<uuid:work_id>/picture/", views.picture, name="work-picture"),
    path("open/works/<uuid:work_id>/edit/", views.edit, name="edit-work"),
    path("open/works/<uuid:work_id>/step/", views.take, name="work-step"),
    path("opening/works/", views.moderation, name="work-list"),
]
