"""What several steps share: the version before, and whose turn it is."""

from __future__ import annotations

from shuqiao.accounts.types import P
from shuqiao.organizations import queries as organizations
from shuqiao.procedures import services as procedures
from shuqiao.resources.models import Version


def previous_of(version: Version) -> Version | None:
    """The version published when this one came: what a new file is compared with."""
    current = version.resource.current_version
    return current if current is not None and current.pk != version.pk else None


def next_step(version: Version, action: str, detail: str, *, at_bureau: bool = False) -> None:
    """Clear the version from every inbox and, when there is an `action`, put it into one: the provider's, or
    that of the division's bureau for its re-check."""
    procedures.settle(case=version.case)
    if not action:
        return
    department = version.resource.department
    procedures.assign(
        case=version.case,
        department=organizations.bureau_of(department.division_id) if at_bureau else department,
        permission=P.RESOURCES_VERSION_REVIEW if at_bureau else P.RESOURCES_RESOURCE_EDIT,
        action=action,
        detail=detail,
        stage="rule",
    )
