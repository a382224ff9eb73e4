"""Jurisdictions: a topmost division with all below it. Entries are compared, and sources named, within one."""

from __future__ import annotations

from collections.abc import Mapping

from shuqiao.organizations.models import Division


def parents() -> dict[str, str | None]:
    """The parent of every division. One query."""
    return dict(Division.objects.values_list("code", "parent_id"))


def chain_of(code: str, up: Mapping[str, str | None]) -> list[str]:
    """A division and those above it, the nearest first."""
    chain: list[str] = []
    current: str | None = code
    while current is not None and current not in chain:
        chain.append(current)
        current = up.get(current)
    return chain


def root_of(code: str, up: Mapping[str, str | None]) -> str:
    """The topmost division above one."""
    return chain_of(code, up)[-1]


def below(code: str, up: Mapping[str, str | None]) -> list[str]:
    """A division and all under it."""
    return [one for one in up if code in chain_of(one, up)]
