"""Reads of divisions, departments and posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from shuqiao import law
from shuqiao.accounts.models import User
from shuqiao.accounts.types import ANONYMOUS, DIVISION_ROLES, Actor, P, Post, Role
from shuqiao.kernel import Article, NotFound
from shuqiao.kernel.time import today
from shuqiao.organizations.models import ContactFiling, Department, Division, DivisionPack, Membership, Party
from shuqiao.organizations.standing_in import NEVER_PASSED_ON, Substitution, running

FILING_STALE_AFTER = timedelta(days=365)


def actor_of(user: User | None, *, on: date | None = None) -> Actor:
    """The actor a signed-in user is today: with every open appointment, with the posts of absent people of the same
    department whom the user stands in for (never the posts those hold for others), or else a registration.
    Two queries."""
    if user is None or not user.is_active:
        return ANONYMOUS
    day = on or today()
    stands_in = Substitution.objects.filter(
        running(day), substitute=user, absent=OuterRef("user"), department=OuterRef("department")
    )
    found = list(
        Membership.objects.filter(
            Q(user=user) | (Exists(stands_in) & ~Q(role__in=NEVER_PASSED_ON) & Q(user__is_active=True)),
            since__lte=day,
            department__is_active=True,
        )
        .filter(Q(until=None) | Q(until__gt=day))
        .select_related("department", "user")
        .order_by("since", "id")
    )
    memberships = [m for m in found if m.user_id == user.id]
    own = {m.department_id for m in memberships}
    memberships += [m for m in found if m.user_id != user.id and m.department_id in own]
    tree = _children_of() if any(m.role in DIVISION_ROLES for m in memberships) else {}
    posts = tuple(
        Post(
            role=Role(m.role),
            department_id=m.department_id,
            department_name=m.department.name,
            division=m.department.division_id,
            divisions=_subtree(m.department.division_id, tree) if m.role in DIVISION_ROLES else frozenset(),
            stands_in_for=m.user.name if m.user_id != user.id else "",
            stands_in_for_id=m.user_id if m.user_id != user.id else None,
        )
        for m in memberships
    )
    party = None if posts else Party.objects.filter(user=user, closed_at=None).first()
    return Actor(user_id=user.id, name=user.name, posts=posts, party_id=party.id if party else None)


def _children_of() -> dict[str | None, list[str]]:
    children: dict[str | None, list[str]] = defaultdict(list)
    for code, parent in Division.objects.values_list("code", "parent_id"):
        children[parent].append(code)
    return children


def _subtree(code: str, children: dict[str | None, list[str]]) -> frozenset[str]:
    found, waiting = {code}, [code]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return frozenset(found)


def bindings_of(division_code: str) -> tuple[law.Binding, ...]:
    """The packs that bind a division: its own, or those of the nearest ancestor that has any."""
    code: str | None = division_code
    while code is not None:
        rows = list(DivisionPack.objects.filter(division_id=code).order_by("order"))
        if rows:
            return tuple(law.Binding(row.pack_id, row.house_rule) for row in rows)
        try:
            code = Division.objects.values_list("parent_id", flat=True).get(code=code)
        except Division.DoesNotExist:
            raise NotFound(f"区划 {division_code}") from None
    return ()


def regime_of(division_code: str, on: date) -> law.Regime:
    """The regime that binds a division on a day."""
    return law.regime_of(bindings_of(division_code), on)


def articles_anywhere(*rule_ids: str, on: date) -> tuple[Article, ...]:
    """The articles of these rules in all packs that bind some division here, for pages that speak of them all. One
    query."""
    kept: dict[str, bool] = {}
    for pack_id, house_rule in DivisionPack.objects.order_by("pack_id").values_list("pack_id", "house_rule"):
        kept[pack_id] = kept.get(pack_id, False) or house_rule
    regime = law.regime_of([law.Binding(pack_id, house_rule) for pack_id, house_rule in kept.items()], on)
    rules = [rule for rule_id in rule_ids if (rule := regime.rule(rule_id))]
    return tuple(dict.fromkeys(article for rule in rules for article in rule.basis))


def get_department(department_id: UUID) -> Department:
    """A department by id, with its division. Departments are known to everybody. Raises NotFound."""
    try:
        return Department.objects.select_related("division").get(id=department_id)
    except Department.DoesNotExist:
        raise NotFound("部门") from None


def get_party(party_id: UUID) -> Party:
    """Somebody outside government by id. Raises NotFound."""
    party = Party.objects.filter(id=party_id).first()
    if party is None:
        raise NotFound("注册用户")
    return party


def list_departments(*, division: str | None = None) -> QuerySet[Department]:
    """Active departments, of one division or of all."""
    departments = Department.objects.filter(is_active=True).select_related("division")
    return departments.filter(division=division) if division else departments


def list_divisions() -> QuerySet[Division]:
    """All divisions, parents first."""
    return Division.objects.all()


def list_served_divisions() -> list[Division]:
    """Divisions with a bureau, their own or an ancestor's: where something can be brought before one."""
    own = set(Department.objects.filter(kind="bureau", is_active=True).values_list("division", flat=True))
    children = _children_of()
    served = own.union(*(_subtree(code, children) for code in own))
    return [division for division in list_divisions() if division.code in served]


def bureau_of(division_code: str) -> Department:
    """The division's bureau (主管部门), or the nearest ancestor's. Raises NotFound when there is none."""
    code: str | None = division_code
    while code is not None:
        bureau = Department.objects.filter(division=code, kind="bureau", is_active=True).first()
        if bureau:
            return bureau
        code = Division.objects.values_list("parent_id", flat=True).filter(code=code).first()
    raise NotFound(f"区划 {division_code} 的政务数据主管部门")


def latest_filing(department_id: UUID) -> ContactFiling | None:
    """The filing that counts now."""
    return ContactFiling.objects.filter(department_id=department_id).order_by("-filed_at").first()


def filing_articles(divisions: Iterable[str], on: date) -> tuple[Article, ...]:
    """The articles under which departments of these divisions name who is in charge: those on filing (Yingkou 7), or
    where no text in force speaks of filing, on the sharing body (Decree 11)."""
    found: dict[Article, None] = {}
    for code in sorted(set(divisions)):
        regime = regime_of(code, on)
        rule = regime.rule("organizations.filing") or regime.rule("organizations.sharing_body")
        found |= dict.fromkeys(rule.basis if rule else ())
    return tuple(found)


def list_administered(actor: Actor) -> QuerySet[Department]:
    """Departments of the divisions the actor administers, with the number of people in office."""
    return (
        Department.objects.filter(division__in=actor.divisions_with(P.ORGANIZATIONS_ADMIN))
        .select_related("division")
        .annotate(people=Count("memberships__user", filter=Q(memberships__until=None), distinct=True))
        .order_by("division", "name")
    )


def people_of(department_id: UUID) -> list[Membership]:
    """Open appointments in a department, with the people."""
    return list(
        Membership.objects.filter(department_id=department_id, until=None)
        .select_related("user")
        .order_by("user__name", "role")
    )


def list_filings_for(actor: Actor, *, on: date) -> list[dict[str, object]]:
    """Departments the actor may read filings of, each with its newest filing and whether it is missing or stale."""
    newest = ContactFiling.objects.filter(department=OuterRef("pk")).order_by("-filed_at").values("id")[:1]
    departments = list(
        list_departments()
        .filter(
            Q(id__in=actor.departments_with(P.ORGANIZATIONS_FILING_READ))
            | Q(division__in=actor.divisions_with(P.ORGANIZATIONS_FILING_READ))
        )
        .annotate(newest=Subquery(newest))
    )
    filings = ContactFiling.objects.in_bulk([d.newest for d in departments if d.newest])
    rows: list[dict[str, object]] = []
    for department in departments:
        filing = filings.get(department.newest) if department.newest else None
        stale = filing is None or filing.filed_at.date() < on - FILING_STALE_AFTER
        rows.append({"department": department, "filing": filing, "needs_filing": stale})
    return rows
