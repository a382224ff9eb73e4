"""Forms of requests and answers. They read; rules and services decide what is missing or too much."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from shuqiao.delivery.types import Mode
from shuqiao.procedures.day_input import DayInput
from shuqiao.sharing.models import JointRequest, SharingRequest
from shuqiao.sharing.services import Common, Draft
from shuqiao.sharing.types import BASIS_LEVELS, Scope

AREA = {"rows": 2}
LEVELS = [("", "请选择"), *BASIS_LEVELS]


def _day(label: str, help_text: str = "", *, required: bool = False) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=DayInput(), help_text=help_text)


class RequestForm(forms.Form):
    """What a request says beside items and rows. Fields that a signature needs look required; a draft may still be
    saved without them, and the rule names what is missing when it is to be signed."""

    use_required_attribute = False
    TO_SIGN: ClassVar[dict[str, Any]] = {
        "purpose": "",
        "scenario": "",
        "legal_basis": "",
        "legal_basis_level": "",
        "modes": [],
        "valid_until": None,
    }

    department = forms.ChoiceField(label="申请部门")
    purpose = forms.CharField(label="用途", max_length=300, widget=forms.Textarea(attrs=AREA))
    scenario = forms.CharField(
        label="使用场景",
        max_length=500,
        widget=forms.Textarea(attrs=AREA),
        help_text="哪个系统、哪个窗口，在什么环节查，逐个查还是批量",
    )
    legal_basis = forms.CharField(
        label="使用依据",
        max_length=300,
        help_text="法律法规名称和条款，例如：社会保险法 第五十七条",
    )
    legal_basis_level = forms.ChoiceField(label="依据层级", choices=LEVELS)
    legal_basis_text = forms.CharField(
        label="条文内容", max_length=1000, required=False, widget=forms.Textarea(attrs=AREA)
    )
    service_item = forms.CharField(label="政务服务事项", max_length=200, required=False)
    modes = forms.MultipleChoiceField(
        label="共享方式", choices=Mode.choices, widget=forms.CheckboxSelectMultiple
    )
    valid_until = _day("使用时限", "到哪一天为止，到期自动停止", required=True)
    daily_quota = forms.IntegerField(label="每日限额（次）", required=False, min_value=1)
    onward = forms.BooleanField(label="需要提供给第三方", required=False)
    onward_to = forms.CharField(label="第三方", max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        departments: list[tuple[str, str]],
        offered: frozenset[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if "department" in self.fields:
            self.fields["department"].choices = departments  # type: ignore[attr-defined]
        self.fields["modes"].choices = [mode for mode in Mode.choices if mode[0] in offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Let a draft be incomplete."""
        for name, empty in self.TO_SIGN.items():
            if self.has_error(name, "required"):
                del self.errors[name]
                self.cleaned_data[name] = empty
        return self.cleaned_data

    def draft(self, items: tuple[tuple[str, str], ...], where: tuple[dict[str, Any], ...]) -> Draft:
        """What was written, together with items and rows."""
        said = self.cleaned_data
        return Draft(
            items=items,
            where=where,
            **{name: said[name] for name in said if name not in {"department", "modes"}},
            modes=tuple(said["modes"]),
        )


class CommonForm(RequestForm):
    """What all entries of a joint application share."""

    department = None  # type: ignore[assignment]  # the basket's own
    daily_quota = None  # type: ignore[assignment]  # each entry's own

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        every = frozenset(mode.value for mode in Mode)
        super().__init__(*args, departments=[], offered=every, **kwargs)
        self.fields["modes"].help_text = "各条目取其支持的方式"

    def common(self) -> Common:
        """What was written."""
        return Common(**{**self.cleaned_data, "modes": tuple(self.cleaned_data["modes"])})


def common_of(joint: JointRequest) -> dict[str, Any]:
    """The form's values of a joint application that exists."""
    return {name: getattr(joint, name) for name in CommonForm.base_fields}


class PartForm(forms.Form):
    """What one entry of a joint application has of its own, beside items and rows."""

    daily_quota = forms.IntegerField(label="每日限额（次）", required=False, min_value=1)


def initial_of(request: SharingRequest) -> dict[str, Any]:
    """The form's values of a request that exists."""
    names = [name for name in RequestForm.base_fields if name != "department"]
    return {"department": str(request.requester_id), **{name: getattr(request, name) for name in names}}


class ApproveForm(forms.Form):
    """What a yes says beside items and rows."""

    modes = forms.MultipleChoiceField(
        label="共享方式", choices=Mode.choices, widget=forms.CheckboxSelectMultiple
    )
    valid_until = _day("使用时限")
    daily_quota = forms.IntegerField(label="每日限额（次）", required=False, min_value=1)
    rate_per_minute = forms.IntegerField(
        label="每分钟限额（次）",
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text="不填则按平台的通常速度；填写即为较小范围，须写明理由",
    )
    reason = forms.CharField(
        label="理由（对方可见）",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs=AREA),
        help_text="部分同意必须写明",
    )
    conditions = forms.CharField(
        label="附加条件（每行一条）",
        max_length=6000,
        required=False,
        widget=forms.Textarea(attrs=AREA),
        help_text="限有条件共享的数据，须写明理由，对方在授权和申请页面可见",
    )
    prepare = forms.CharField(
        label="暂不能提供时，要先办的事",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs=AREA),
        help_text="例如：挂载数据、开通批量交换。填写后提供期限开始计算，办好后由您确认提供，授权随即开通",
    )
    onward_consent = forms.CharField(
        label="对提供给第三方的同意",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs=AREA),
        help_text="同意的范围和条件；不写就是不同意",
    )

    def __init__(self, *args: Any, asked: SharingRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [mode for mode in Mode.choices if mode[0] in asked.modes]
        self.fields["modes"].choices = offered  # type: ignore[attr-defined]
        if not asked.onward:
            del self.fields["onward_consent"]

    def scope(self, items: tuple[tuple[str, str], ...], where: tuple[dict[str, Any], ...]) -> Scope:
        """What is to be given."""
        said = self.cleaned_data
        return Scope(
            items,
            where,
            tuple(said["modes"]),
            said["valid_until"],
            said["daily_quota"],
            said["rate_per_minute"],
        )


class RefuseForm(forms.Form):
    """A no: the rule decides whether it holds; the form lets everything through so that the rule can say why."""

    refuse_reason = forms.CharField(
        label="理由（对方可见）", max_length=1000, required=False, widget=forms.Textarea(attrs=AREA)
    )
    refuse_basis = forms.CharField(
        label="不同意共享的依据", max_length=500, required=False, help_text="法律法规名称和条款"
    )
    refuse_level = forms.ChoiceField(label="依据层级", choices=LEVELS, required=False)


class SupplementForm(forms.Form):
    """Everything that is missing, one point a line."""

    points = forms.CharField(
        label="需要补充的全部内容（每行一条）",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="只能要求一次",
    )


class ExtendForm(forms.Form):
    """How many more working days, and why."""

    extend_days = forms.IntegerField(label="延长几个工作日", required=False, min_value=1)
    extend_reason = forms.CharField(
        label="需要延长的特殊原因", max_length=300, required=False, widget=forms.Textarea(attrs=AREA)
    )
