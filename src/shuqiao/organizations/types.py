"""What other apps may know of divisions and departments."""

from __future__ import annotations

from django.db.models import TextChoices

from shuqiao.kernel import Article
from shuqiao.store.checks import credit_code_problem

FILING_ARTICLE = Article("yingkou-2022", "7")


class DepartmentKind(TextChoices):
    """Who may take part: government, bodies with delegated functions, public utilities (Yingkou 3, 39)."""

    BUREAU = "bureau", "政务数据主管部门"
    GOVERNMENT = "government", "政府部门"
    AUTHORISED = "authorised", "法律法规授权的组织"
    UTILITY = "utility", "公共企事业单位"


__all__ = ["FILING_ARTICLE", "DepartmentKind", "credit_code_problem"]
