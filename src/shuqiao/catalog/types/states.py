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


MOVES: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (Status.SUBMITTED,),
    Status.SUBMITTED: (Status.RETURNED, Status.PUBLISHED),
    Status.RETURNED: (Status.SUBMITTED,),
    Status.PUBLISHED: (Status.SUPERSEDED, Status.WITHDRAWN),
    Status.SUPERSEDED: (),
    Status.WITHDRAWN: (),
}
# A revision in one of these is "the next one": an entry has at most one of them.
OPEN_STATES = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)


class ImportStatus(TextChoices):
    """An uploaded sheet is checked first; then its good entries are taken over, or it is thrown away."""

    CHECKED = "checked", "已检查，待确认"
    IMPORTED = "imported", "已导入"
    DISCARDED = "discarded", "已放弃"


IMPORT_MOVES: dict[ImportStatus, tuple[ImportStatus, ...]] = {
    ImportStatus.CHECKED: (ImportStatus.IMPORTED, ImportStatus.DISCARDED),
    ImportStatus.IMPORTED: (),
    ImportStatus.DISCARDED: (),
}
