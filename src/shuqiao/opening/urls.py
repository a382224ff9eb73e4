"""Addresses of the open platform."""

from django.urls import path

from shuqiao.opening import theme_views, views

app_name = "opening"
urlpatterns = [
    path("", views.home, name="home"),
    path("open/", views.search, name="search"),
    path("open/suggestions/", views.suggestions, name="suggestions"),
    path("open/basis/", views.basis, name="basis"),
    path("open/themes/<uuid:theme_id>/", theme_views.theme, name="theme"),
    path("open/<uuid:entry_id>/", views.entry, name="entry"),
]
