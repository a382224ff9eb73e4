"""Whether entries read from a file may go in: whose they are, and what is already there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from uuid import UUID

from shuqiao import law
from shuqiao.catalog import rules
from shuqiao.catalog.models import Entry, ImportRecord, Revision
from shuqiao.catalog.searching import normalized
from shuqiao.catalog.types import EntryDraft, Reading, RevisionContent, SheetProblem, Status
from shuqiao.kernel.time import day_of
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import Department

Key = tuple[str, str, str]
KEPT_PROBLEMS = 20_000
KEPT_UNKNOWN = 2_000
PARTICULARS = re.compile(r"“[^”]*”|[0-9][0-9,]*")


@dataclass
class Judged:
    """A file judged: its drafts with all problems and whose each is, and the providers nobody knows."""

    reading: Reading
    departments: list[Department | None]
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def good(self) -> list[tuple[EntryDraft, Department]]:
        """What may go in."""
        pairs = zip(self.reading.drafts, self.departments, strict=True)
        return [(draft, department) for draft, department in pairs if department and draft.is_good]

    def report(self, record: ImportRecord) -> None:
        """Write counts and problems into the record. Of very many problems the first are kept one by one, those
        that keep entries out before mere hints; all are counted by what they are."""
        found = self.reading.problems
        record.rows, record.found = self.reading.rows, len(self.reading.drafts)
        record.good = len(self.good)
        record.counts = dict(Counter(map(reason_of, found)).most_common())
        kept: Iterable[SheetProblem] = found
        if len(found) > KEPT_PROBLEMS:
            kept = sorted(found, key=lambda problem: not problem.blocks)[:KEPT_PROBLEMS]
        record.problems = [problem.to_json() for problem in kept]
        unknown = dict(self.unknown.most_common(KEPT_UNKNOWN))
        record.choices = {**record.choices, "layout": self.reading.layout, "unknown": unknown}


def reason_of(problem: SheetProblem) -> str:
    """The kind of a problem: its words without names and numbers, marked when it keeps the entry out."""
    return ("须改：" if problem.blocks else "提示：") + _kind_of(problem.what)


@lru_cache(maxsize=4_096)
def _kind_of(what: str) -> str:
    return PARTICULARS.sub("…", what)


def key_of(content: RevisionContent) -> Key:
    """What makes two entries of one department the same: title, format and inner department."""
    return (normalized(content.title), content.format_type, content.inner_department)


def division_of(record: ImportRecord) -> str:
    """The division an import belongs to."""
    return record.division_id or (record.department.division_id if record.department else "")


def judge(reading: Reading, record: ImportRecord) -> Judged:
    """Judge a file for the department, or the division, it is imported for. Three queries."""
    division = division_of(record)
    regime, lenient = organizations.regime_of(division, day_of(record.at)), reading.layout == "m"
    judging = Judging(division, record.department, record.choices, regime, lenient=lenient)
    pairs = list(judging.pairs(reading.drafts))
    drafts, departments = tuple(draft for draft, _ in pairs), [one for _, one in pairs]
    return Judged(replace(reading, drafts=drafts), departments, judging.unknown)


class Judging:
    """One pass over the drafts of a file."""

    def __init__(
        self,
        division: str,
        own: Department | None,
        choices: Mapping[str, object],
        regime: law.Regime,
        *,
        lenient: bool,
    ) -> None:
        self.own, self.regime, self.lenient = own, regime, lenient
        self.unknown: Counter[str] = Counter()
        listed = [own] if own else list(organizations.list_departments(division=division))
        self.by_id = {str(one.id): one for one in listed}
        self.by_name = {one.short_name: one for one in listed} | {one.name: one for one in listed}
        chosen = choices.get("providers", {})
        self.chosen: Mapping[str, str] = chosen if isinstance(chosen, dict) else {}
        self.rest = self.by_id.get(str(choices.get("rest", "")))
        self.codes = set(
            Entry.objects.filter(division=division, code__isnull=False).values_list("code", flat=True)
        )
        self.taken = _taken([one.id for one in listed] if own else None, division)

    def pairs(self, drafts: Iterable[EntryDraft]) -> Iterator[tuple[EntryDraft, Department | None]]:
        """Each draft with what is wrong with it here, and whose it is."""
        for draft in drafts:
            found: list[SheetProblem] = []
            department, told = self._whose(draft, found)
            if department is not None:
                found += self._against(told, department)
            yield replace(told, problems=told.problems + tuple(found)) if found else told, department

    def _whose(self, draft: EntryDraft, found: list[SheetProblem]) -> tuple[Department | None, EntryDraft]:
        if self.own:
            if draft.provider and draft.provider not in self.by_name:
                what = f"资源提供单位“{draft.provider}”不是本部门（{self.own.name}），只能导入本部门的目录"
                found.append(draft.problem("provider", what))
            return self.own, draft
        if known := self.by_name.get(draft.provider):
            return known, draft
        self.unknown[draft.provider] += 1
        stand_in = self.by_id.get(self.chosen.get(draft.provider, "")) or self.rest
        if stand_in is None:
            what = f"提供单位“{draft.provider or '（空）'}”不是本区划的部门：请在报告页指定归入哪个部门，或先建立部门"
            found.append(draft.problem("provider", what))
            return None, draft
        what = f"提供单位“{draft.provider or '（空）'}”按您的指定归入“{stand_in.name}”，原名写入内部部门"
        found.append(draft.problem("provider", what, blocks=False))
        inner = draft.content.inner_department or draft.provider[:64]
        return stand_in, replace(draft, content=replace(draft.content, inner_department=inner))

    def _against(self, draft: EntryDraft, department: Department) -> Iterator[SheetProblem]:
        if draft.provider_code and draft.provider_code != department.credit_code:
            what = f"与本部门的统一社会信用代码（{department.credit_code}）不符"
            yield draft.problem("provider_code", what)
        if draft.code and draft.code in self.codes:
            yield draft.problem("code", f"代码 {draft.code} 已在目录中；修改已有条目请在条目页起草新版")
        if (department.id, *key_of(draft.content)) in self.taken:
            yield draft.problem("title", "本部门已有同名、同格式的条目")
        yield from self._without_basis(draft)

    def _without_basis(self, draft: EntryDraft) -> Iterator[SheetProblem]:
        """What the texts in force want said of entries that are not simply open. A sheet that has the column must say
        it there; from one without, a draft comes in, which cannot be submitted before it is said."""
        for key, label, basis in rules.missing_for_opening(draft.content, self.regime):
            titles = "、".join(self.regime.title_of(article) for article in basis)
            if key in draft.letters and not self.lenient:
                yield draft.problem(key, f"没有{label}（{titles}）：请写明文件名称和条款")
            else:
                yield draft.problem(
                    key, f"没有{label}（{titles}）：可先导入为草稿，报送前须补齐", blocks=False
                )


def _taken(departments: list[UUID] | None, division: str) -> set[tuple[UUID, str, str, str]]:
    rows = Revision.objects.exclude(status__in=[Status.SUPERSEDED, Status.WITHDRAWN, Status.GIVEN_UP])
    rows = (
        rows.filter(entry__department__in=departments)
        if departments
        else rows.filter(entry__division=division)
    )
    listed = rows.values_list("entry__department_id", "title", "format_type", "inner_department")
    return {
        (department, normalized(title), kind, inner) for department, title, kind, inner in listed.iterator()
    }
