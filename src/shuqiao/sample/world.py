"""What the steps of loading hand to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from shuqiao.accounts.types import Actor
from shuqiao.organizations.models import Department
from shuqiao.sample.days import Days
from shuqiao.sample.invented import Crowd
from shuqiao.sample.specs import CitySpec, DepartmentSpec, DivisionSpec, EntrySpec


@dataclass
class World:
    """The city while it is being built. `files` is a folder for generated tables, removed afterwards."""

    spec: CitySpec
    seed: int
    today: date
    files: Path
    say: Callable[[str], object]
    departments: dict[str, Department] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    entries: dict[str, UUID] = field(default_factory=dict)
    resources: dict[str, UUID] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    _crowds: dict[str, Crowd] = field(default_factory=dict)

    @property
    def days(self) -> Days:
        """Days counted back from today."""
        return Days(self.today)

    def division_of(self, department: str) -> DivisionSpec:
        """The division of a department."""
        code = self.department(department).division
        return next(one for one in self.spec.divisions if one.code == code)

    def department(self, key: str) -> DepartmentSpec:
        """The department of this key."""
        return next(one for one in self.spec.departments if one.key == key)

    def entry(self, key: str) -> EntrySpec:
        """The entry of this key."""
        return next(one for one in self.spec.entries if one.key == key)

    def crowd(self, division: DivisionSpec) -> Crowd:
        """The invented people and firms of a division."""
        return self._crowds.setdefault(division.code, Crowd(self.seed, division.code, division.short))

    def clerk(self, department: str) -> Actor:
        """Who drafts, mounts and files for a department."""
        return self.actors[f"{department}-clerk"]

    def head(self, department: str) -> Actor:
        """Who signs and answers for a department."""
        return self.actors[f"{department}-head"]

    def reviewer(self, department: str) -> Actor:
        """Who reviews, at the bureau of the department's division."""
        return self.actors[f"{self.division_of(department).tag}-bureau-reviewer"]
