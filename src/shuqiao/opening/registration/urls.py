"""Addresses of registering."""

from django.urls import path

from shuqiao.opening.registration import views

urlpatterns = [
    path("open/register/", views.register, name="register"),
    path("open/register/sent/", views.mail_sent, name="mail-sent"),
    path("open/register/resend/", views.resend, name="resend"),
    path("open/register/verify/", views.verify, name="verify"),
    path("open/account/", views.account, name="account"),
    path("open/account/email/", views.new_email, name="new-email"),
    path("open/account/email/confirm/", views.confirm_email, name="confirm-email"),
    path("open/account/close/", views.close, name="close-account"),
    path("open/account/forgotten/", views.forgotten, name="forgotten"),
    path("open/account/password/", views.set_password, name="set-password"),
]
