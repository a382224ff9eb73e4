"""States of a use record and of a correction, and what the holder of a grant says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices


class UseState(TextChoices):
    """Where the use of a grant stands."""

    RUNNING = "running", "使用中"
    REPORT_DUE = "report_due", "待报告使用情况"
    DISPOSAL_DUE = "disposal_due", "待处置数据"
    CLOSED = "closed", "数据已处置"
    CONTINUED = "continued", "随续期授权继续使用"


USE_MOVES: Mapping[UseState, frozenset[UseState]] = {
    UseState.RUNNING: frozenset({UseState.REPORT_DUE, UseState.DISPOSAL_DUE, UseState.CONTINUED}),
    UseState.REPORT_DUE: frozenset({UseState.RUNNING, UseState.DISPOSAL_DUE, UseState.CONTINUED}),
    UseState.DISPOSAL_DUE: frozenset({UseState.CLOSED}),
    UseState.CLOSED: frozenset(),
    UseState.CONTINUED: frozenset(),
}


class CorrectionState(TextChoices):
    """Where the correction of a misuse stands."""

    ORDERED = "ordered", "限期整改中"
    REPORTED = "reported", "已报告，待核实"
    ACCEPTED = "accepted", "整改通过"
    FAILED = "failed", "授权已终止"


CORRECTION_MOVES: Mapping[CorrectionState, frozenset[CorrectionState]] = {
    CorrectionState.ORDERED: frozenset(
        {CorrectionState.REPORTED, CorrectionState.ACCEPTED, CorrectionState.FAILED}
    ),
    CorrectionState.REPORTED: frozenset(
        {CorrectionState.ORDERED, CorrectionState.ACCEPTED, CorrectionState.FAILED}
    ),
    CorrectionState.ACCEPTED: frozenset(),
    CorrectionState.FAILED: frozenset(),
}
OPEN_CORRECTIONS = (CorrectionState.ORDERED, CorrectionState.REPORTED)


class DisposalWay(TextChoices):
    """What was done with the data when its purpose ended."""

    DELETED = "deleted", "已删除"
    ARCHIVED = "archived", "依法归档留存"
    NOT_STORED = "not_stored", "只在线查询，没有存下数据"


class ConsentOf(TextChoices):
    """Whose consent lets data be passed on. The values are the packs' words."""

    PROVIDER = "provider", "提供部门"
    DATA_SUBJECT = "data_subject", "当事人"


@dataclass(frozen=True, slots=True)
class Report:
    """What a user says of the use: where, how, with what effect, how the data is kept, what was disposed of."""

    scenario: str
    process: str
    effect: str
    storage: str
    disposal: str = ""


@dataclass(frozen=True, slots=True)
class DisposalFacts:
    """How, by whom and when data was disposed of; `basis` is the text that has it archived."""

    way: DisposalWay
    detail: str
    done_by: str
    done_on: date
    basis: str = ""
