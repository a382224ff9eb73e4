"""What the style guide shows: invented people, departments and figures, one of every state."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator

from shuqiao import law
from shuqiao.kernel import Article, Decision, Problem
from shuqiao.portal.axis import Duty, axis_of, strip_of
from shuqiao.portal.events import Event
from shuqiao.portal.ring import Clock
from shuqiao.procedures.day_input import DayInput

ON = date(2026, 11, 23)
REPLY = Article("yingkou-2022", "20")


class SampleForm(forms.Form):
    """Every kind of field, filled in wrongly in two places."""

    scenario = forms.CharField(label="使用场景", help_text="写明哪项业务、谁来用、怎样用")
    basis = forms.CharField(label="使用依据", help_text="具体到条、款、项")
    until = forms.DateField(label="使用时限", widget=DayInput())
    mode = forms.ChoiceField(label="共享方式", choices=[("interface", "服务接口"), ("batch", "批量交换")])
    more = forms.CharField(label="补充说明", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    decision = forms.ChoiceField(
        label="决定",
        widget=forms.RadioSelect,
        choices=[("all", "按申请同意"), ("part", "部分同意"), ("no", "不同意")],
    )
    onward = forms.BooleanField(label="需要提供给第三方", required=False)
    file = forms.FileField(label="附件", required=False, help_text="xlsx、csv、pdf，不超过 20 MB")

    def clean_basis(self) -> str:
        """A basis that names no article is wrong."""
        raise forms.ValidationError("须为法律、法规、规章或上级文件的具体条款")


def sample_context() -> dict[str, Any]:
    """All the style guide needs."""
    return {
        "on": ON,
        "reply": REPLY,
        "house_rule": Article("dongchangfu-2020", "16"),
        "weak": Article("yingkou-2022", "17"),
        "national": [Article("national-2025", "21"), Article("yingkou-2022", "20")],
        "clocks": clocks(),
        "one_clock": Clock(total=5, left=2, due_on=date(2026, 11, 25), note="11月18日 15:12 收到，当日不计"),
        "strip": strip_of(date(2026, 11, 18), date(2026, 11, 25), ON, law.default_calendar().is_workday),
        "axis": axis_of(duties(), ON, law.default_calendar().is_workday),
        "chains": (chain("done", "done act", "done"), chain("done", "stop", "")),
        "scope": scope_rows(),
        "answer": answer_rows(),
        "conditions": [
            {"column": "state", "op": "eq", "values": ["在保"]},
            {"column": "area", "op": "in", "values": ["老边区", "站前区", "西市区"]},
        ],
        "names": {"state": "保障状态", "area": "户籍所在区划"},
        "events": events(),
        "receipt": receipt(),
        "form": SampleForm(
            {"scenario": "公租房申请家庭收入核定", "basis": "内部工作安排", "decision": "part"}
        ),
        "problems": [
            Problem("“目录”表 D17", "共享类型须为无条件共享、有条件共享或者不予共享"),
            Problem("“目录”表 H17", "有条件共享须写明共享条件"),
        ],
        "refused": Decision(
            False,
            "sharing.refusal.basis",
            "不同意共享须写明法律、法规或者规章的具体条款，所引“内部工作安排”不是",
            (REPLY,),
        ),
        "refused_actions": [
            {"label": "补充依据", "url": "#refusals"},
            {"label": "改为部分同意", "url": "#refusals"},
        ],
        "page": Paginator(range(500), 20).page(7),
        "receipt_code": "gw1-000000000123-1a2b3c4d",
    }


def clocks() -> list[Clock]:
    """One clock of each state."""
    return [
        Clock(total=5, left=4, note="剩余过半，玉色"),
        Clock(total=5, left=2, note="剩余不过半或不过 2 日，赭色"),
        Clock(total=5, left=0, due_on=ON),
        Clock(total=5, overdue=3, due_on=date(2026, 11, 18)),
        Clock(total=5, left=3, paused=True, note="等待补正"),
        Clock(total=5, used=3, done=True, due_on=ON),
        Clock(total=10, left=7, note="10 格"),
        Clock(total=20, left=15, note="20 格"),
        Clock(total=5, left=4, provisional=True, note="到期日在未公布日历的年份"),
        Clock(total=5, left=5, today=False, note="收到当日，不计"),
        Clock(total=60, left=41, note="60 日画作 20 格"),
        Clock(total=365, left=105, unit="天", note="一年期授权", tone="jade"),
    ]


def duties() -> list[Duty]:
    """What falls due around the sample day."""
    return [
        Duty("校核 参保状态", "#days", date(2026, 11, 20), "l"),
        Duty("失业登记", "#days", date(2026, 11, 23), "o"),
        Duty("养老保险缴费", "#days", date(2026, 11, 25), "o"),
        Duty("灵活就业参保", "#days", date(2026, 11, 27)),
        Duty("目录更新 工伤", "#days", date(2026, 11, 30)),
        Duty("开放 招聘岗位", "#days", date(2026, 12, 4)),
        Duty("交付 技能证书", "#days", date(2026, 12, 14)),
    ]


def chain(term: str, decision: str, rest: str) -> list[dict[str, str]]:
    """Seven steps of a case that went well, or was refused."""
    refused = decision == "stop"
    return [
        {"text": "营口办法 第二十条", "small": "规范性文件", "state": "done", "url": "#chain"},
        {"text": "有条件共享须答复", "small": "yingkou-2022", "state": "done", "url": "#chain"},
        {
            "text": "4 个工作日" if refused else "3 个工作日",
            "small": "法定 5 个，按时",
            "state": term,
            "url": "#chain",
        },
        {
            "text": "不同意" if refused else "部分同意",
            "small": "依据为法律" if refused else "3月9日 已签署",
            "state": decision,
            "url": "#chain",
        },
        {"text": "未产生"}
        if refused
        else {"text": "在用", "small": "至 2027年3月8日", "state": rest, "url": "#chain"},
        {} if refused else {"text": "186,402 次", "small": "最近 09:41", "state": rest, "url": "#chain"},
        {} if refused else {"text": "第 0418 段", "small": "待封存 214 笔", "state": "now"},
    ]


def scope_rows() -> list[dict[str, Any]]:
    """A granted scope, one item on every level."""
    return [
        {
            "name": "公民身份号码",
            "code": "idcard_no",
            "key": True,
            "level": "full",
            "example": "210811199002300013",
        },
        {"name": "保障类别", "code": "relief_type", "level": "full", "example": "城市低保"},
        {"name": "户编号", "code": "household_no", "mask": "hash", "example": "sm3:9c41e07b…"},
        {"name": "出生日期", "code": "birth_date", "mask": "year", "example": "1990"},
        {"name": "联系电话", "code": "tel", "mask": "keep_ends", "example": "138****0000"},
        {"name": "家庭住址", "code": "address", "mask": None},
    ]


def answer_rows() -> list[dict[str, Any]]:
    """A scope being answered."""
    return [
        {
            "name": "公民身份号码",
            "code": "a_idcard",
            "key": True,
            "level": "full",
            "ask": "full",
            "may": ["full", "mask", "hash", "none"],
            "example": "210811199002300013",
        },
        {
            "name": "缴费起止年月",
            "code": "a_period",
            "note": "由“全部”降为“年份”",
            "level": "year",
            "ask": "full",
            "may": ["full", "year", "none"],
            "example": "2019 — 2026",
        },
        {
            "name": "联系电话",
            "code": "a_tel",
            "note": "申请方所列场景不需要",
            "level": "none",
            "ask": "mask",
            "may": ["mask", "none"],
        },
        {
            "name": "个人账户余额",
            "code": "a_balance",
            "note": "条目规定不予共享",
            "level": "none",
            "may": ["none"],
        },
    ]


def events() -> list[Event]:
    """A case from request to delivery."""
    return [
        Event("市医疗保障局提出申请", date(2026, 3, 2), "收到，不计", "9 项，用于医疗救助资格核定。"),
        Event(
            "市民政局一次性告知补正",
            date(2026, 3, 4),
            "第 2 日",
            "补充使用时限与每日用量；期限暂停 2 个工作日。",
            basis=(Article("national-2025", "21"),),
        ),
        Event(
            "部分同意，负责人签署",
            date(2026, 3, 9),
            "第 3 日，按时",
            "给 7 项；家庭住址、银行账号不给。",
            seal="部分同意",
            seal_label="部分同意，已签署",
            basis=(REPLY,),
        ),
        Event("接口开通，首次读取成功", date(2026, 3, 11), "交付", "法定 20 个工作日，用 2 日。"),
        Event("到期前 30 日提醒", "2027年2月6日", next=True),
        Event("续期须重新签署", "2027年3月8日", seal="等待签署", seal_state="wait", next=True),
    ]


def receipt() -> dict[str, Any]:
    """A receipt of one read."""
    return {
        "title": "政务数据交付回执",
        "facts": [
            {"label": "回执编号", "value": "gw1-000000000123-1a2b3c4d", "code": True},
            ("使用部门", "营口市医疗保障局"),
            ("提供部门", "营口市民政局"),
            ("内容", "最低生活保障对象信息，7 项，1 行，版本 v212"),
            ("用途", "医疗救助资格核定，受理号 YJ20261123-0087（示例）"),
            ("时间", "2026年11月23日 09:41:17"),
            {"label": "内容摘要", "value": "sm3 5d0e 77c2 91ab … e40f", "code": True},
            {"label": "效力", "value": "与纸质文书具有同等效力", "basis": Article("yingkou-2022", "24")},
        ],
        "code": "1a2b3c4d",
        "address": "https://data.example.gov.cn/receipts/gw1-000000000123-1a2b3c4d",
        "seal": "交付存证",
        "state": "已核验，与存证一致",
        "tone": "jade",
    }
