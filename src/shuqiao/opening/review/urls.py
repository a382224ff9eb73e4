"""Addresses of reviews before opening, and of the public lists."""

from django.urls import path

from shuqiao.opening.review import lists, views

urlpatterns = [
    path("opening/reviews/", views.reviews, name="reviews"),
    path("opening/reviews/begin/<uuid:resource_id>/", views.begin, name="review-begin"),
    path("opening/reviews/<uuid:review_id>/", views.review, name="review"),
    path("opening/reviews/<uuid:review_id>/submit/", views.submit, name="review-submit"),
    path("opening/reviews/<uuid:review_id>/pass/", views.pass_, name="review-pass"),
    path("opening/reviews/<uuid:review_id>/return/", views.return_, name="review-return"),
    path("opening/reviews/<uuid:review_id>/stop/", views.stop, name="review-stop"),
    path("opening/reviews/<uuid:review_id>/cancel/", views.cancel, name="review-cancel"),
    path("open/lists/<str:kind>/", lists.open_list, name="open-list"),
    path("open/lists/<str:kind>.csv", lists.open_list_csv, name="open-list-csv"),
    path("open/priority/", lists.priority, name="priority"),
    path("open/priority.csv", lists.priority_csv, name="priority-csv"),
]
