"""What other apps may know of divisions and departments."""

from __future__ import annotations

from django.db.models import TextChoices

from shuqiao.store import checks


class DepartmentKind(TextChoices):
    """Who may take part: government, bodies with delegated functions, public utilities (Yingkou 3, 39)."""

    BUREAU = "bureau", "政务数据主管部门"
    GOVERNMENT = "government", "政府部门"
    AUTHORISED = "authorised", "法律法规授权的组织"
    UTILITY = "utility", "公共企事业单位"


class PartyKind(TextChoices):
    """Who outside government may apply for data (Yingkou 29, Shenyang 26, Dongchangfu 20 and 25)."""

    PERSON = "person", "自然人"
    LEGAL_PERSON = "legal_person", "法人"
    ORGANISATION = "organisation", "其他组织"


class LinkPurpose(TextChoices):
    """What a link sent to an address is for."""

    VERIFY = "verify", "核验邮箱"
    CHANGE = "change", "更换邮箱"
    RESET = "reset", "重设密码"


def credit_code_problem(code: str) -> str:
    """What is wrong with a unified social credit code (GB 32100-2015), or an empty string."""
    if len(code) != 18:
        return f"统一社会信用代码应为 18 位，现为 {len(code)} 位"
    return "" if checks.credit_code(code) else "统一社会信用代码的校验位不对，请核对"
