"""Addresses of what the public says."""

from django.urls import path

from shuqiao.opening.feedback import views

urlpatterns = [
    path("open/demand/", views.demand, name="demand"),
    path("open/feedback/received/", views.received, name="feedback-received"),
    path("open/<uuid:entry_id>/say/<slug:kind>/", views.say, name="say"),
    path("open/<uuid:entry_id>/rate/", views.rate, name="rate"),
    path("opening/feedback/", views.inbox, name="feedback-list"),
    path("opening/feedback/<uuid:feedback_id>/", views.show, name="feedback"),
    path("opening/feedback/<uuid:feedback_id>/step/", views.take, name="feedback-step"),
]
