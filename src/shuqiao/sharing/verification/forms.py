"""Forms of verification. They read; rules and services decide what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django import forms

from shuqiao.procedures.day_input import DayInput
from shuqiao.sharing.verification.types import Citizen, Claim

AREA = {"rows": 2}
BY_HAND = 5
"""Lines of the form for values that the platform may not show."""


class AskForm(forms.Form):
    """Why the values are thought wrong, on which proof, and for whom."""

    reason = forms.CharField(
        label="理由", max_length=1000, widget=forms.Textarea(attrs=AREA), help_text="怎样发现有误"
    )
    proof = forms.CharField(
        label="证明",
        max_length=1000,
        widget=forms.Textarea(attrs=AREA),
        help_text="证件、文书的名称、文号与所载内容",
    )
    for_citizen = forms.BooleanField(label="为前来办事的群众或企业提出", required=False)
    citizen_says = forms.CharField(
        label="当事人的说法", max_length=1000, required=False, widget=forms.Textarea(attrs=AREA)
    )
    citizen_name = forms.CharField(
        label="当事人姓名",
        max_length=64,
        required=False,
        help_text="可以不写；只有本部门看得到，办结后可删除",
    )
    citizen_document = forms.CharField(
        label="出示的有效证明", max_length=200, required=False, help_text="出示了有效证明的，应当照常办理"
    )
    service_item = forms.CharField(label="照常办理的服务事项", max_length=200, required=False)

    def citizen(self) -> Citizen | None:
        """For whom the department asks; None for itself."""
        given = self.cleaned_data
        if not given["for_citizen"]:
            return None
        return Citizen(
            given["citizen_says"], given["citizen_name"], given["citizen_document"], given["service_item"]
        )


class AcceptForm(forms.Form):
    """What was found, in words, and until when it is corrected."""

    reason = forms.CharField(label="核实情况与更正内容", max_length=1000, widget=forms.Textarea(attrs=AREA))
    correct_by = forms.DateField(label="更正日期", widget=DayInput())


def keys_of(text: str, parts: int) -> list[tuple[str, ...]]:
    """Keys as they are written: one a line, the parts of a composite key divided by commas or tabs."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return list(dict.fromkeys(key_of(line, parts) for line in lines))


def key_of(line: str, parts: int) -> tuple[str, ...]:
    """One key."""
    return tuple(part.strip() for part in re.split(r"[,，\t]", line)) if parts > 1 else (line.strip(),)


def claims_of(given: Mapping[str, str], columns: Sequence[str], parts: int) -> tuple[Claim, ...]:
    """The fields that were marked wrong in the rows shown, and those written down by hand."""
    claims = []
    for row in range(100):
        if (line := given.get(f"key-{row}")) is None:
            break
        key = key_of(line, parts)
        claims += [
            Claim(key, column, given.get(f"believed-{row}-{place}", ""))
            for place, column in enumerate(columns)
            if given.get(f"wrong-{row}-{place}")
        ]
    for line_number in range(BY_HAND):
        one = {name: given.get(f"hand-{line_number}-{name}", "").strip() for name in HAND}
        if one["key"]:
            claims.append(Claim(key_of(one["key"], parts), one["column"], one["believed"], one["shown"]))
    return tuple(claims)


HAND = ("key", "column", "shown", "believed")
