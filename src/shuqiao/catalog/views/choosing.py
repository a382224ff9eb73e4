"""What was ticked in a list, read from a form."""

from __future__ import annotations

from uuid import UUID

from shuqiao.accounts.access import Request
from shuqiao.kernel import InvalidInput


def ids_of(request: Request, name: str) -> list[UUID]:
    """The ids ticked under `name`, perhaps none. Raises InvalidInput for what is no id."""
    try:
        return [UUID(value) for value in request.POST.getlist(name)]
    except ValueError:
        raise InvalidInput.one("所选条目", "编号不正确，请重新打开本页") from None


def number_of(request: Request, name: str) -> int:
    """A whole number of a form. Raises InvalidInput."""
    text = request.POST.get(name, "").strip()
    if not text.isdecimal() or len(text) > 4:
        raise InvalidInput.one("天数", "应为整数")
    return int(text)
