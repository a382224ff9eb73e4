"""Pages of logging in and out."""

from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods

from shuqiao.accounts.access import public
from shuqiao.accounts.forms import LoginForm

# Django's form views also take a PUT for a form that was sent; we do not.
_form = require_http_methods(["GET", "HEAD", "POST"])
login = public(
    _form(
        LoginView.as_view(
            template_name="portal/login.html", authentication_form=LoginForm, redirect_authenticated_user=True
        )
    )
)
logout = public(LogoutView.as_view())
change_password = _form(
    PasswordChangeView.as_view(template_name="portal/password.html", success_url=reverse_lazy("portal:inbox"))
)
