"""What several steps share: the version before, and whose turn it is."""

from __future__ import annotations

from shuqiao.accounts.types import P
from shuqiao.organizations.models import Department
from shuqiao.procedures import services as procedures
from shuqiao.resources.models import Version


def previous_of(version: Version) -> Version | None:
    """The version published when this one came: what a new file is compared with."""
    current = version.resource.current_version
    return current if current is not None and current.pk != version.pk else None


def next_step(
    version: Version,
    action: str,
    detail: str,
    *,
    department: Department | None = None,
    permission: P = P.RESOURCES_RESOURCE_EDIT,
) -> None:
    """Clear the version from every inbox and, when there is an `action`, put it into one: the provider's, or
    that of `department`."""
    procedures.settle(case=version.case)
    if action:
        procedures.assign(
            case=version.case,
            department=department or version.resource.department,
            permission=permission,
            action=action,
            detail=detail,
            stage="rule",
        )
