"""Forms of registering and of one's own data."""

from __future__ import annotations

from typing import Any

from django import forms

from shuqiao.organizations import parties
from shuqiao.organizations.types import PartyKind

FIELD_OF = {
    "姓名或名称": "name",
    "电子邮箱": "email",
    "统一社会信用代码": "credit_code",
    "联系人": "contact",
    "密码": "password",
}


def _password(label: str, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=128, strip=False, widget=forms.PasswordInput(), **kwargs)


class RegisterForm(forms.Form):
    """Who registers; an organisation gives its credit code and a contact."""

    kind = forms.ChoiceField(
        label="注册类别", choices=PartyKind.choices, initial=PartyKind.PERSON, widget=forms.RadioSelect
    )
    name = forms.CharField(label="姓名或名称", max_length=128)
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=18, required=False, help_text="法人和其他组织填写，18 位"
    )
    contact = forms.CharField(label="联系人", max_length=64, required=False, help_text="法人和其他组织填写")
    phone = forms.CharField(label="联系电话", max_length=32, required=False, help_text="法人和其他组织填写")
    email = forms.EmailField(
        label="电子邮箱", max_length=parties.EMAIL_MOST, help_text="用来登录和接收答复，须核验"
    )
    password = _password("密码", help_text="至少 10 位，不能只有数字")
    again = _password("再输一次密码")
    agree = forms.BooleanField(label="我已阅读个人信息处理告知，同意按告知处理我的信息")
    website = forms.CharField(label="请留空", required=False)  # only a machine fills this

    def given(self) -> parties.Registration:
        """What the service takes."""
        data = self.cleaned_data
        return parties.Registration(
            kind=PartyKind(data.get("kind") or PartyKind.PERSON),
            name=data.get("name", ""),
            email=data.get("email", ""),
            password=data.get("password", ""),
            credit_code=data.get("credit_code", ""),
            contact=data.get("contact", ""),
            phone=data.get("phone", ""),
        )

    def clean(self) -> dict[str, Any]:
        """Every problem at its field, at once."""
        cleaned = super().clean() or self.cleaned_data
        for problem in parties.problems_of(self.given()):
            field = FIELD_OF[problem.where]
            if field not in self.errors:
                self.add_error(field, problem.what)
        if cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", "两次输入的密码不一样")
        return cleaned


class EmailForm(forms.Form):
    """An address."""

    email = forms.EmailField(label="电子邮箱", max_length=parties.EMAIL_MOST)


class NewPasswordForm(forms.Form):
    """A new password, by a link."""

    password = _password("新密码", help_text="至少 10 位，不能只有数字")


class OwnDataForm(forms.Form):
    """What a party may correct itself."""

    name = forms.CharField(label="姓名或名称", max_length=128)
    contact = forms.CharField(label="联系人", max_length=64, required=False)
    phone = forms.CharField(label="联系电话", max_length=32, required=False)

    def __init__(self, *args: Any, person: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person:
            del self.fields["contact"], self.fields["phone"]
        else:
            self.fields["contact"].required = True


class _WithProof(forms.Form):
    """Asks for the password, unless the identity service has just given its word (`proved`)."""

    password = _password("登录密码")

    def __init__(self, *args: Any, proved: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if proved:
            del self.fields["password"]


class NewEmailForm(_WithProof):
    """Another address."""

    email = forms.EmailField(label="新邮箱", max_length=parties.EMAIL_MOST)
    field_order = ("email", "password")


class CloseForm(_WithProof):
    """The end of a registration."""
