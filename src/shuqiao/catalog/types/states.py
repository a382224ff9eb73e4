"""The life of a revision as one table."""

from __future__ import annotations

from django.db.models import TextChoices


class Status(TextChoices):
    """Where a revision stands. The entry itself is what its published revision says."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审核"
    RETURNED = "returned", "已退回"
    PUBLISHED = "published", "已发布"
    SUPERSEDED = "superseded", "已被新版取代"
    WITHDRAWN = "withdrawn", "已撤下"
    GIVEN_UP = "given_up", "已放弃"


MOVES: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (Status.SUBMITTED, Status.GIVEN_UP),
    Status.SUBMITTED: (Status.RETURNED, Status.PUBLISHED),
    Status.RETURNED: (Status.SUBMITTED, Status.GIVEN_UP),
    Status.PUBLISHED: (Status.SUPERSEDED, Status.WITHDRAWN),
    Status.SUPERSEDED: (),
    Status.WITHDRAWN: (),  # the entry comes back by a further revision
    Status.GIVEN_UP: (),
}
# A revision in one of these is "the next one": an entry has at most one of them.
OPEN_STATES = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)
EDITABLE_STATES = (Status.DRAFT, Status.RETURNED)


class ImportStatus(TextChoices):
    """An uploaded sheet is checked first; then its good entries are taken over, or it is thrown away."""

    CHECKED = "checked", "已检查，待确认"
    IMPORTED = "imported", "已导入"
    DISCARDED = "discarded", "已放弃"
    UNDONE = "undone", "已撤销"


IMPORT_MOVES: dict[ImportStatus, tuple[ImportStatus, ...]] = {
    ImportStatus.CHECKED: (ImportStatus.IMPORTED, ImportStatus.DISCARDED),
    ImportStatus.IMPORTED: (ImportStatus.UNDONE,),
    ImportStatus.DISCARDED: (),
    ImportStatus.UNDONE: (),
}


class ThemeStatus(TextChoices):
    """A theme catalogue is put together, submitted as a whole and established (Yingkou 12)."""

    DRAFT = "draft", "编制中"
    SUBMITTED = "submitted", "待审核"
    RETURNED = "returned", "已退回"
    ESTABLISHED = "established", "已设立"
    DISSOLVED = "dissolved", "已撤销"


THEME_MOVES: dict[ThemeStatus, tuple[ThemeStatus, ...]] = {
    ThemeStatus.DRAFT: (ThemeStatus.SUBMITTED, ThemeStatus.DISSOLVED),
    ThemeStatus.SUBMITTED: (ThemeStatus.RETURNED, ThemeStatus.ESTABLISHED),
    ThemeStatus.RETURNED: (ThemeStatus.SUBMITTED, ThemeStatus.DISSOLVED),
    ThemeStatus.ESTABLISHED: (ThemeStatus.DISSOLVED,),
    ThemeStatus.DISSOLVED: (),
}


class Trigger(TextChoices):
    """What starts an update duty (Yingkou 15, Dongchangfu 16, Decree 17)."""

    LAW = "law", "法律法规规章或国务院决定变化"
    DUTY = "duty", "部门职责变化"
    SYSTEM = "system", "信息系统更新"
    OTHER = "other", "其他变化"


class DutyStatus(TextChoices):
    """An update duty runs until its entries say what now holds, or the department says why nothing changes."""

    OPEN = "open", "应更新"
    REPORTED = "reported", "已更新待确认"
    DONE = "done", "已完成"
    CANCELLED = "cancelled", "已撤销"


DUTY_MOVES: dict[DutyStatus, tuple[DutyStatus, ...]] = {
    DutyStatus.OPEN: (DutyStatus.REPORTED, DutyStatus.CANCELLED),
    DutyStatus.REPORTED: (DutyStatus.DONE, DutyStatus.OPEN),
    DutyStatus.DONE: (),
    DutyStatus.CANCELLED: (),
}


class CampaignStatus(TextChoices):
    """A quarter's full maintenance: announced, then closed with what was left undone."""

    RUNNING = "running", "进行中"
    CLOSED = "closed", "已结束"


CAMPAIGN_MOVES: dict[CampaignStatus, tuple[CampaignStatus, ...]] = {
    CampaignStatus.RUNNING: (CampaignStatus.CLOSED,),
    CampaignStatus.CLOSED: (),
}


class Confirmation(TextChoices):
    """What a department says of one entry in a campaign."""

    PENDING = "pending", "未确认"
    UNCHANGED = "unchanged", "确认无变化"
    CHANGED = "changed", "已修订"


class PairStatus(TextChoices):
    """What people decided about two entries that look the same."""

    FOUND = "found", "待处理"
    DISTINCT = "distinct", "不是重复"
    MERGED = "merged", "已合并"


PAIR_MOVES: dict[PairStatus, tuple[PairStatus, ...]] = {
    PairStatus.FOUND: (PairStatus.DISTINCT, PairStatus.MERGED),
    PairStatus.DISTINCT: (PairStatus.FOUND, PairStatus.MERGED),
    PairStatus.MERGED: (PairStatus.DISTINCT,),
}


class EmergencyStatus(TextChoices):
    """Collection outside the catalogue in an emergency is temporary and ends (Dongchangfu 17)."""

    RUNNING = "running", "进行中"
    ENDED = "ended", "已结束"


EMERGENCY_MOVES: dict[EmergencyStatus, tuple[EmergencyStatus, ...]] = {
    EmergencyStatus.RUNNING: (EmergencyStatus.ENDED,),
    EmergencyStatus.ENDED: (),
}


class Change(TextChoices):
    """What happened to a published entry, as the change feed says it to other levels."""

    INSERTED = "I", "新增"
    UPDATED = "U", "更新"
    DELETED = "D", "撤下"
    TOUCHED = "T", "未发布的变动"


class ExportStatus(TextChoices):
    """A workbook somebody asked for that is too large to be made while he waits."""

    WAITING = "waiting", "制作中"
    DONE = "done", "可下载"
    FAILED = "failed", "未能制作"
    GONE = "gone", "已清除"


EXPORT_MOVES: dict[ExportStatus, tuple[ExportStatus, ...]] = {
    ExportStatus.WAITING: (ExportStatus.DONE, ExportStatus.FAILED, ExportStatus.GONE),
    ExportStatus.DONE: (ExportStatus.GONE,),
    ExportStatus.FAILED: (ExportStatus.GONE,),
    ExportStatus.GONE: (),
}
