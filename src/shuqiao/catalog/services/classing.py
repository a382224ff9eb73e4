"""What a division adds to the national classification (类、项、目、细目), and what it no longer uses."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog.classification import seen_in
from shuqiao.catalog.models import Classification
from shuqiao.kernel import InvalidInput, NotFound, Problem
from shuqiao.procedures import events
from shuqiao.procedures.types import CaseKind, CaseRef, E

NAME_MAX = 100
# Digits of an own class's part of the code by level, and where own numbers begin: below that the national list may
# still grow. A fourth level is the divisions' alone.
WIDTHS, FIRST_OWN = {2: 2, 3: 3, 4: 3}, {2: 80, 3: 800, 4: 1}


@transaction.atomic
def add_class(*, actor: Actor, division: str, above: str, name: str) -> Classification:
    """A class of the division's own below another, under the next free code. Raises InvalidInput when there is no
    such class above, nothing may stand below it, or it has one of this name."""
    actor.demand(P.CATALOG_ENTRY_REVIEW, division=division)
    parent = (
        Classification.objects.select_for_update()
        .filter(seen_in(division), code=above, retired=False)
        .first()
    )
    if parent is None:
        raise InvalidInput([Problem("above", f"分类表中没有在用的“{above[:24]}”，请从表中选上级")])
    level = parent.level + 1
    if level not in WIDTHS:
        raise InvalidInput([Problem("above", "细目之下不再分级")])
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX:
        raise InvalidInput([Problem("name", f"写明名称，不超过 {NAME_MAX} 个字")])
    siblings = list(Classification.objects.filter(seen_in(division), parent=parent))
    if taken := [one for one in siblings if one.name == name]:
        state = "（已停用，可恢复）" if taken[0].retired else ""
        raise InvalidInput([Problem("name", f"“{parent.name}”下已有“{name}”，代码 {taken[0].code}{state}")])
    made = Classification.objects.create(
        division_id=division,
        parent=parent,
        level=level,
        code=_next_code(parent, siblings),
        name=name,
    )
    events.record(E.CLASS_ADDED, actor=actor, case=_case(made), data={"code": made.code, "name": name})
    return made


@transaction.atomic
def use_class(*, actor: Actor, class_id: UUID, used: bool) -> Classification:
    """Take a class of the division's own out of use, or into use again. Entries that carry it keep it; a draft that
    does is not submitted until another is chosen. Raises InvalidInput while one below it is in use, or the one above
    is not."""
    kept = Classification.objects.select_for_update(of=("self",)).select_related("parent")
    found = kept.filter(pk=class_id).first()
    if found is None or found.division_id is None:
        raise NotFound("本地分类")
    actor.demand(P.CATALOG_ENTRY_REVIEW, division=found.division_id)
    if found.retired is not used:
        return found
    if not used and (below := found.children.filter(retired=False).first()):
        raise InvalidInput([Problem("class", f"“{found.name}”之下“{below.name}”还在用，请先停用下级")])
    if used and found.parent and found.parent.retired:
        raise InvalidInput([Problem("class", f"上级“{found.parent.name}”已停用，请先恢复上级")])
    found.retired = not used
    found.save(update_fields=["retired"])
    type_ = E.CLASS_RESTORED if used else E.CLASS_RETIRED
    events.record(type_, actor=actor, case=_case(found), data={"code": found.code, "name": found.name})
    return found


def _next_code(parent: Classification, siblings: list[Classification]) -> str:
    """The number after the highest given below this class, counting those out of use: a code never means two things."""
    level = parent.level + 1
    width = WIDTHS[level]
    given = [one.code[len(parent.code) :] for one in siblings]
    number = max([FIRST_OWN[level] - 1, *(int(one) for one in given if one.isdigit())]) + 1
    if number >= 10**width:
        raise InvalidInput([Problem("above", f"“{parent.name}”之下的代码已用完")])
    return f"{parent.code}{number:0{width}d}"


def _case(one: Classification) -> CaseRef:
    """A class has no case number: its code tells which it is."""
    return CaseRef(
        CaseKind.CLASSIFICATION, one.id, one.code, one.name, f"/catalog/classification/?at={one.code}"
    )
