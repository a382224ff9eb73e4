"""Which bureau coordinates between two departments: that of the nearest common division (Decree 28)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department, Division


def _upwards(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """A division and those above it, from below."""
    found: list[str] = []
    at: str | None = code
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


def common_bureau(requester: Department, provider: Department) -> Department | None:
    """The bureau of the nearest division that both stand under, or of the nearest above it that has one. A bureau is
    no judge in its own cause: where it is one of the two, the next above is meant. None: the platform knows none."""
    parents = dict(Division.objects.values_list("code", "parent_id"))
    others = set(_upwards(requester.division_id, parents))
    common = [code for code in _upwards(provider.division_id, parents) if code in others]
    bureaus = _bureaus(common, without={requester.id, provider.id})
    return next((bureaus[code] for code in common if code in bureaus), None)


def _bureaus(codes: Collection[str], *, without: Collection[UUID]) -> dict[str, Department]:
    rows = organizations.list_departments().filter(division__in=codes, kind="bureau").exclude(id__in=without)
    return {bureau.division_id: bureau for bureau in rows}


def keepers(requester: Department, provider: Department) -> list[Department]:
    """Bureaus that may forward to, and record for, a common superior that is not on this platform: those of the two
    sides' own divisions, the provider's first."""
    parents = dict(Division.objects.values_list("code", "parent_id"))
    found: list[Department] = []
    for department in (provider, requester):
        above = _upwards(department.division_id, parents)
        bureaus = _bureaus(above, without={requester.id, provider.id})
        bureau = next((bureaus[code] for code in above if code in bureaus), None)
        if bureau and bureau not in found:
            found.append(bureau)
    return found
