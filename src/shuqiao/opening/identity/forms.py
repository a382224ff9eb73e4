"""Forms after the identity service has said who it is."""

from __future__ import annotations

from typing import Any

from django import forms

from shuqiao.opening.identity.types import Identity
from shuqiao.organizations import parties
from shuqiao.organizations.types import PartyKind


class ConfirmForm(forms.Form):
    """Kind, name and consent. What the service vouches for is shown and not asked."""

    kind = forms.ChoiceField(label="注册类别", choices=PartyKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="姓名或名称", max_length=128, required=False)
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=18, required=False, help_text="法人和其他组织填写，18 位"
    )
    contact = forms.CharField(label="联系人", max_length=64, required=False, help_text="法人和其他组织填写")
    phone = forms.CharField(label="联系电话", max_length=32, required=False, help_text="法人和其他组织填写")
    agree = forms.BooleanField(label="我已阅读个人信息处理告知，同意按告知处理我的信息")

    def __init__(self, *args: Any, identity: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        kind.initial = PartyKind.LEGAL_PERSON if identity.is_body else PartyKind.PERSON
        if identity.is_body:
            assert isinstance(kind, forms.ChoiceField)
            kind.choices = [choice for choice in PartyKind.choices if choice[0] != PartyKind.PERSON]
            del self.fields["credit_code"]
            if identity.legal_name:
                del self.fields["name"]
            self.fields["contact"].initial = identity.name
        elif identity.name:
            self.fields["name"].help_text = "自然人以身份认证服务给出的姓名为准；单位填写名称"
            self.fields["name"].initial = identity.name

    def given(self) -> parties.Registration:
        """What the service takes."""
        data = self.cleaned_data
        return parties.Registration(
            kind=PartyKind(data["kind"]),
            name=data.get("name", ""),
            email="",
            credit_code=data.get("credit_code", ""),
            contact=data["contact"],
            phone=data["phone"],
        )


class BindForm(forms.Form):
    """The password of the registration."""

    password = forms.CharField(
        label="登录密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(),
        help_text="绑定前再核对一次",
    )
