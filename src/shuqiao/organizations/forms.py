"""Forms of filings (联络人备案), departments and people."""

from typing import Any

from django import forms

from shuqiao.accounts.types import DIVISION_ROLES, Role
from shuqiao.organizations.models import Division
from shuqiao.organizations.types import DepartmentKind


class FilingForm(forms.Form):
    """Leader and contact person of a department (Yingkou 7)."""

    leader_name = forms.CharField(label="负责领导", max_length=64)
    leader_phone = forms.CharField(label="负责领导电话", max_length=32)
    contact_name = forms.CharField(label="联络人", max_length=64)
    contact_phone = forms.CharField(label="联络人电话", max_length=32)


class DepartmentForm(forms.Form):
    """A body that takes part (Yingkou 3, 39)."""

    division = forms.ChoiceField(label="区划")
    name = forms.CharField(label="全称", max_length=128)
    short_name = forms.CharField(label="通用简称", max_length=32)
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=18, help_text="18 位，校验位按 GB 32100 核对"
    )
    kind = forms.ChoiceField(label="类别", choices=DepartmentKind.choices, initial=DepartmentKind.GOVERNMENT)

    def __init__(self, *args: Any, divisions: list[Division], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = [(one.code, one.name) for one in divisions]  # type: ignore[attr-defined]


class EngageForm(forms.Form):
    """A person gets a role."""

    username = forms.SlugField(
        label="账号", max_length=64, help_text="字母、数字、连字符；已有账号可再任一职"
    )
    name = forms.CharField(label="姓名", max_length=64)
    phone = forms.CharField(label="联系电话", max_length=32, required=False)
    role = forms.ChoiceField(label="角色")

    def __init__(self, *args: Any, bureau: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [role for role in Role if bureau or role not in DIVISION_ROLES]
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
