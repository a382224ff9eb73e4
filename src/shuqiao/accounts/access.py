"""Every address wants a signed-in person unless its view says otherwise, here."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest

from shuqiao.accounts.types import Actor

View = TypeVar("View", bound=Callable[..., object])

# The rooms of the sharing platform itself. Who is outside government sees of them what the open platform shows.
_INNER = tuple(
    f"{root}{room}/" for root in ("/", "/api/v1/") for room in ("catalog", "resources", "organizations")
)


def public(view: View) -> View:
    """Mark a view as open to everybody. Anything not marked answers the login page, or 401 to a machine."""
    view.shuqiao_public = True  # type: ignore[attr-defined]
    return view


def is_public(view: Callable[..., object]) -> bool:
    """Whether `public` marked this view."""
    return bool(getattr(view, "shuqiao_public", False))


def is_inner(path: str) -> bool:
    """Whether an address is for people with a post in government and for departments' systems alone."""
    return path.startswith(_INNER)


class Request(HttpRequest):
    """A request as views get it, after `middleware.Gate`: for typing only, nothing makes one."""

    actor: Actor
    user_signed_in: bool
    inbox_counts: dict[str, int]  # set by a page that has counted the reader's inbox, for the shell


def address_of(request: HttpRequest) -> str | None:
    """Whose tries are counted. Behind our proxy every call comes from the proxy, and what the proxy itself added
    is the last of X-Forwarded-For: the parts before it are the sender's own words."""
    address = request.META.get("REMOTE_ADDR") or None
    if settings.BEHIND_PROXY:
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or address
    try:
        return str(ip_address(address)) if address else None
    except ValueError:
        return None
