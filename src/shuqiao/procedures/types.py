"""What other apps hand to procedures, and what pages read from it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import TextChoices


class CaseKind(TextChoices):
    """Kinds of case. The letter after the division's prefix in a case number is in `CASE_LETTERS`."""

    CATALOG_REVISION = "catalog_revision", "目录审核"
    RESOURCE_VERSION = "resource_version", "资源复核"
    SHARING_REQUEST = "sharing_request", "共享申请"
    GRANT = "grant", "授权"
    DEPARTMENT = "department", "部门"
    THEME_CATALOGUE = "theme_catalogue", "主题目录"
    UPDATE_DUTY = "update_duty", "目录更新"
    CAMPAIGN = "campaign", "目录维护"
    EMERGENCY_COLLECTION = "emergency_collection", "应急采集"
    COLLECTION_CHECK = "collection_check", "采集前查询"


CASE_LETTERS = {
    CaseKind.CATALOG_REVISION: "目",
    CaseKind.RESOURCE_VERSION: "资",
    CaseKind.SHARING_REQUEST: "享",
    CaseKind.GRANT: "授",
    CaseKind.DEPARTMENT: "部",
    CaseKind.THEME_CATALOGUE: "题",
    CaseKind.UPDATE_DUTY: "更",
    CaseKind.CAMPAIGN: "维",
    CaseKind.EMERGENCY_COLLECTION: "急",
    CaseKind.COLLECTION_CHECK: "采",
}


@dataclass(frozen=True, slots=True)
class CaseRef:
    """How a lower app knows a case: its kind, id, number, title and page."""

    kind: CaseKind
    id: UUID
    number: str
    title: str
    url: str

    def __str__(self) -> str:
        return f"{self.kind.label} {self.number}"


class E(TextChoices):
    """The closed list of events. Named app.object.past-participle."""

    ENTRY_DRAFTED = "catalog.entry.drafted", "起草目录条目"
    ENTRY_IMPORTED = "catalog.entry.imported", "批量导入目录条目"
    ENTRY_IMPORT_UNDONE = "catalog.entry.import_undone", "撤销批量导入"
    ENTRY_EDITED = "catalog.entry.edited", "修改目录条目"
    ENTRY_SUBMITTED = "catalog.entry.submitted", "签署并报送目录"
    ENTRY_RETURNED = "catalog.entry.returned", "退回目录"
    ENTRY_PUBLISHED = "catalog.entry.published", "审核通过并发布目录"
    ENTRY_WITHDRAWN = "catalog.entry.withdrawn", "撤下目录条目"
    ENTRY_MERGED = "catalog.entry.merged", "合并重复条目"
    IMPORT_UNDONE = "catalog.import.undone", "撤销批量导入"
    THEME_DRAFTED = "catalog.theme.drafted", "起草主题目录"
    THEME_CHANGED = "catalog.theme.changed", "调整主题目录"
    THEME_SUBMITTED = "catalog.theme.submitted", "报送主题目录"
    THEME_RETURNED = "catalog.theme.returned", "退回主题目录"
    THEME_ESTABLISHED = "catalog.theme.established", "设立主题目录"
    THEME_DISSOLVED = "catalog.theme.dissolved", "撤销主题目录"
    DUTY_OPENED = "catalog.duty.opened", "产生目录更新义务"
    DUTY_EXTENSION_ASKED = "catalog.duty.extension_asked", "提请延长目录更新"
    DUTY_EXTENDED = "catalog.duty.extended", "同意延长目录更新"
    DUTY_EXTENSION_DENIED = "catalog.duty.extension_denied", "不同意延长目录更新"
    DUTY_REPORTED = "catalog.duty.reported", "报告目录更新"
    DUTY_DONE = "catalog.duty.done", "确认目录更新"
    DUTY_REOPENED = "catalog.duty.reopened", "目录更新退回重办"
    DUTY_CANCELLED = "catalog.duty.cancelled", "撤销目录更新义务"
    CAMPAIGN_OPENED = "catalog.campaign.opened", "开始目录全面维护"
    CAMPAIGN_CONFIRMED = "catalog.campaign.confirmed", "确认目录条目"
    CAMPAIGN_CLOSED = "catalog.campaign.closed", "结束目录全面维护"
    PAIR_DECIDED = "catalog.pair.decided", "处理疑似重复"
    SOURCE_DESIGNATED = "catalog.source.designated", "确定数源部门"
    SOURCE_ENDED = "catalog.source.ended", "数源部门失效"
    EMERGENCY_OPENED = "catalog.emergency.opened", "开始应急采集"
    EMERGENCY_ENDED = "catalog.emergency.ended", "结束应急采集"
    COLLECTION_CHECKED = "sharing.collection.checked", "采集前查询"
    RESOURCE_MOUNTED = "resources.resource.mounted", "挂载资源"
    UPLOAD_RECEIVED = "resources.upload.received", "收到数据文件"
    VERSION_CONFIRMED = "resources.version.confirmed", "确认读取方式"
    VERSION_BUILT = "resources.version.built", "生成数据版本"
    VERSION_FAILED = "resources.version.failed", "数据版本生成失败"
    VERSION_DISCARDED = "resources.version.discarded", "放弃数据版本"
    VERSION_SUBMITTED = "resources.version.submitted", "提交复核"
    VERSION_RETURNED = "resources.version.returned", "退回数据版本"
    VERSION_PUBLISHED = "resources.version.published", "复核通过并发布"
    VERSION_REMOVED = "resources.version.removed", "按期清除历史版本内容"
    REQUEST_DRAFTED = "sharing.request.drafted", "起草共享申请"
    REQUEST_SUBMITTED = "sharing.request.submitted", "签署并提出申请"
    REQUEST_SUPPLEMENT_ASKED = "sharing.request.supplement_asked", "一次性告知补正"
    REQUEST_SUPPLEMENTED = "sharing.request.supplemented", "补正"
    REQUEST_EXTENSION_ASKED = "sharing.request.extension_asked", "提请延长答复"
    REQUEST_EXTENDED = "sharing.request.extended", "同意延长答复"
    REQUEST_EXTENSION_DENIED = "sharing.request.extension_denied", "不同意延长答复"
    REQUEST_APPROVED = "sharing.request.approved", "同意共享"
    REQUEST_REFUSED = "sharing.request.refused", "不同意共享"
    REQUEST_WITHDRAWN = "sharing.request.withdrawn", "撤回申请"
    GRANT_ISSUED = "delivery.grant.issued", "开通授权"
    GRANT_ENTRY_WITHDRAWN = "delivery.grant.entry_withdrawn", "授权所依的目录已撤下"
    GRANT_SUSPENDED = "delivery.grant.suspended", "暂停授权"
    GRANT_RESUMED = "delivery.grant.resumed", "恢复授权"
    GRANT_ENDED = "delivery.grant.ended", "终止授权"
    GRANT_EXPIRED = "delivery.grant.expired", "授权到期"
    KEY_ISSUED = "delivery.key.issued", "签发应用凭证"
    KEY_BOUND = "delivery.key.bound", "凭证用于授权"
    KEY_REVOKED = "delivery.key.revoked", "吊销应用凭证"
    EVIDENCE_ASKED = "delivery.evidence.asked", "查询谁读过一条记录"
    TERM_OVERDUE = "procedures.term.overdue", "期限届满未办"
    TERM_REMINDED = "procedures.term.reminded", "催办"
    TERM_RECOMPUTED = "procedures.term.recomputed", "期限重新计算"
