"""Addresses of the open platform."""

from django.urls import path

from shuqiao.opening import theme_views, views
from shuqiao.opening.applications import urls as applications
from shuqiao.opening.feedback import urls as feedback
from shuqiao.opening.identity import urls as identity
from shuqiao.opening.mine import urls as mine
from shuqiao.opening.registration import urls as registration
from shuqiao.opening.review import urls as review
from shuqiao.opening.works import urls as works

app_name = "opening"
urlpatterns = [
    path("", views.home, name="home"),
    path("open/", views.search, name="search"),
    path("open/suggestions/", views.suggestions, name="suggestions"),
    path("open/basis/", views.basis, name="basis"),
    path("open/themes/<uuid:theme_id>/", theme_views.theme, name="theme"),
    path("open/<uuid:entry_id>/", views.entry, name="entry"),
    *registration.urlpatterns,
    *identity.urlpatterns,
    *feedback.urlpatterns,
    *review.urlpatterns,
    *applications.urlpatterns,
    *works.urlpatterns,
    *mine.urlpatterns,
]
