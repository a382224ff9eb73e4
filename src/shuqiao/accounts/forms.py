"""The login form, with the pause after too many failures."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from shuqiao.accounts import services
from shuqiao.accounts.access import address_of
from shuqiao.kernel.time import now


class LoginForm(AuthenticationForm):
    """Username and password. The same words answer a wrong name and a wrong password."""

    def clean(self) -> dict[str, Any]:
        username = str(self.cleaned_data.get("username", ""))
        address = address_of(self.request) if self.request else None
        if not services.may_try_login(username=username, address=address, at=now()):
            raise ValidationError("连续登录失败次数过多，请 15 分钟后再试。", code="paused")
        try:
            cleaned = super().clean()
        except ValidationError:
            services.record_login_failure(username=username, address=address, at=now())
            raise ValidationError("账号或密码不正确。", code="invalid") from None
        services.forget_login_failures(username=username)
        return cleaned
