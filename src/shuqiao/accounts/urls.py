"""Addresses of logging in and out."""

from django.urls import path

from shuqiao.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.change_password, name="password"),
]
