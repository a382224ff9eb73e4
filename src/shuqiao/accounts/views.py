"""Pages of logging in and out."""

from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.urls import reverse_lazy

from shuqiao.accounts.access import public
from shuqiao.accounts.forms import LoginForm

login = public(
    LoginView.as_view(
        template_name="portal/login.html", authentication_form=LoginForm, redirect_authenticated_user=True
    )
)
logout = public(LogoutView.as_view())
change_password = PasswordChangeView.as_view(
    template_name="portal/password.html", success_url=reverse_lazy("portal:inbox")
)
