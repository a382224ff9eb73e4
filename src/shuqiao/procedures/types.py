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
    JOINT_REQUEST = "joint_request", "联合申请"
    OUTSIDE_REQUEST = "outside_request", "机关以外单位申请"
    RETURN_FLOW = "return_flow", "数据回流"
    EMERGENCY_SHARING = "emergency_sharing", "应急共享"
    USE = "use", "数据使用"
    VERIFICATION = "verification", "数据校核"
    DISPUTE = "dispute", "共享争议"
    DEMAND = "demand", "数据需求"
    OPENING_REVIEW = "opening_review", "开放审查"
    OPEN_APPLICATION = "open_application", "开放申请"
    FEEDBACK = "feedback", "公众意见"
    WORK = "work", "应用成果"
    PARTY = "party", "注册用户"
    CALENDAR = "calendar", "工作日安排"
    SUBSTITUTION = "substitution", "代理"
    SYNONYMS = "synonyms", "同义词"
    CLASSIFICATION = "classification", "信息资源分类"


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
    CaseKind.JOINT_REQUEST: "联",
    CaseKind.OUTSIDE_REQUEST: "外",
    CaseKind.RETURN_FLOW: "回",
    CaseKind.EMERGENCY_SHARING: "应",
    CaseKind.USE: "用",
    CaseKind.VERIFICATION: "核",
    CaseKind.DISPUTE: "争",
    CaseKind.DEMAND: "需",
    CaseKind.OPENING_REVIEW: "审",
    CaseKind.OPEN_APPLICATION: "开",
    CaseKind.FEEDBACK: "意",
    CaseKind.WORK: "果",
    CaseKind.PARTY: "户",
    CaseKind.CALENDAR: "历",
    CaseKind.SUBSTITUTION: "代",
    CaseKind.SYNONYMS: "词",
    CaseKind.CLASSIFICATION: "类",
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
    ENTRY_GIVEN_UP = "catalog.entry.given_up", "放弃目录草稿"
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
    SYNONYMS_SAVED = "catalog.synonyms.saved", "保存同义词"
    SYNONYMS_REMOVED = "catalog.synonyms.removed", "删除同义词"
    CLASS_ADDED = "catalog.class.added", "新增分类"
    CLASS_RETIRED = "catalog.class.retired", "停用分类"
    CLASS_RESTORED = "catalog.class.restored", "恢复分类"
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
    REQUEST_ENTRY_WITHDRAWN = "sharing.request.entry_withdrawn", "申请所依的目录已撤下"
    REQUEST_LAPSED = "sharing.request.lapsed", "因目录撤下办结申请"
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
    REQUEST_REMINDED = "sharing.request.reminded", "催促答复"
    REQUEST_RENEWED = "sharing.request.renewed", "续期申请"
    JOINT_SUBMITTED = "sharing.joint.submitted", "提出联合申请"
    JOINT_DECIDED = "sharing.joint.decided", "联合申请办结"
    DELIVERY_CONFIRMED = "sharing.delivery.confirmed", "确认已提供数据"
    OUTSIDE_SUBMITTED = "sharing.outside.submitted", "机关以外单位提出申请"
    OUTSIDE_SUPPLEMENT_ASKED = "sharing.outside.supplement_asked", "要求补正"
    OUTSIDE_SUPPLEMENTED = "sharing.outside.supplemented", "补正"
    OUTSIDE_CONSENTED = "sharing.outside.consented", "提供部门同意"
    OUTSIDE_APPROVED = "sharing.outside.approved", "同意机关以外单位使用"
    OUTSIDE_REFUSED = "sharing.outside.refused", "不同意机关以外单位使用"
    OUTSIDE_SIGNED = "sharing.outside.signed", "确认协议"
    OUTSIDE_OPENED = "sharing.outside.opened", "按协议开通"
    OUTSIDE_WITHDRAWN = "sharing.outside.withdrawn", "撤回申请"
    OUTSIDE_CONSULTED = "sharing.outside.consulted", "征求提供部门意见"
    OUTSIDE_OBJECTED = "sharing.outside.objected", "提供部门不同意"
    OUTSIDE_ENDED = "sharing.outside.ended", "协议到期"
    OUTSIDE_REVOKED = "sharing.outside.revoked", "收回机关以外单位的使用"
    RETURN_OPENED = "sharing.return.opened", "数据回流开通"
    RETURN_ASKED = "sharing.return.asked", "提出数据回流"
    RETURN_REFUSED = "sharing.return.refused", "不能回流"
    RETURN_WITHDRAWN = "sharing.return.withdrawn", "撤回数据回流"
    RETURN_MARKED = "sharing.return.marked", "标注可回流的数据"
    CRISIS_DECLARED = "sharing.emergency.declared", "宣布应急共享"
    CRISIS_GRANTED = "sharing.emergency.granted", "应急开通授权"
    CRISIS_ENDED = "sharing.emergency.ended", "应急共享结束"
    CRISIS_REVIEWED = "sharing.emergency.reviewed", "应急共享事后审查"
    VERIFICATION_ASKED = "sharing.verification.asked", "提出校核"
    VERIFICATION_LOOKED = "sharing.verification.looked", "查看要校核的记录"
    VERIFICATION_RESTATED = "sharing.verification.restated", "更改更正内容"
    VERIFICATION_ATTACHED = "sharing.verification.attached", "附上证明材料"
    VERIFICATION_ERASED = "sharing.verification.erased", "删除当事人姓名"
    VERIFICATION_CONFIRMED = "sharing.verification.confirmed", "核实无误"
    VERIFICATION_ACCEPTED = "sharing.verification.accepted", "核实有误，将更正"
    VERIFICATION_CORRECTED = "sharing.verification.corrected", "更正已发布"
    VERIFICATION_REJECTED = "sharing.verification.rejected", "校核不予更正"
    VERIFICATION_WITHDRAWN = "sharing.verification.withdrawn", "撤回校核"
    VERIFICATION_SERVED = "sharing.verification.served", "凭有效证件办理"
    READERS_TOLD = "sharing.verification.readers_told", "通知读过旧值的部门"
    DISPUTE_RAISED = "sharing.dispute.raised", "提出争议"
    DISPUTE_ANSWERED = "sharing.dispute.answered", "协商答复"
    DISPUTE_SETTLED = "sharing.dispute.settled", "协商一致"
    DISPUTE_REFERRED = "sharing.dispute.referred", "提请主管部门协调"
    DISPUTE_DECIDED = "sharing.dispute.decided", "主管部门作出协调意见"
    DISPUTE_ESCALATED = "sharing.dispute.escalated", "报请本级人民政府决定"
    DISPUTE_RULED = "sharing.dispute.ruled", "记录人民政府决定"
    DISPUTE_CARRIED_OUT = "sharing.dispute.carried_out", "执行争议处理结果"
    DISPUTE_WITHDRAWN = "sharing.dispute.withdrawn", "撤回争议"
    DEMAND_POSTED = "sharing.demand.posted", "提出数据需求"
    DEMAND_ASSIGNED = "sharing.demand.assigned", "分办数据需求"
    DEMAND_MERGED = "sharing.demand.merged", "合并数据需求"
    DEMAND_RETURNED = "sharing.demand.returned", "退回分办"
    DEMAND_ACCEPTED = "sharing.demand.accepted", "承诺编目"
    DEMAND_MET = "sharing.demand.met", "需求已编目"
    DEMAND_REFUSED = "sharing.demand.refused", "需求不能满足"
    DEMAND_WITHDRAWN = "sharing.demand.withdrawn", "撤回需求"
    DEMAND_SUPPORTED = "sharing.demand.supported", "表示也需要"
    DEMAND_LINKED = "sharing.demand.linked", "关联目录条目"
    DISPUTE_ACCEPTED = "sharing.dispute.accepted", "接受协调意见"
    OPENING_BEGUN = "opening.review.begun", "开始开放审查"
    OPENING_CANCELLED = "opening.review.cancelled", "取消开放审查"
    OPENING_REVIEWED = "opening.review.done", "开放前审查"
    OPENING_BLOCKED = "opening.review.blocked", "审查未通过"
    OPENING_SUBMITTED = "opening.review.submitted", "提交开放审查"
    OPENING_STOPPED = "opening.review.stopped", "停止开放"
    OPENING_REPLACED = "opening.review.replaced", "由新的开放审查代替"
    APPLICATION_SUBMITTED = "opening.application.submitted", "提出开放申请"
    APPLICATION_SUPPLEMENT_ASKED = "opening.application.supplement_asked", "一次性告知补正"
    APPLICATION_SUPPLEMENTED = "opening.application.supplemented", "补正"
    APPLICATION_GRANTED = "opening.application.granted", "同意开放"
    APPLICATION_REFUSED = "opening.application.refused", "不同意开放"
    APPLICATION_WITHDRAWN = "opening.application.withdrawn", "撤回开放申请"
    APPLICATION_SIGNED = "opening.application.signed", "确认开放协议"
    APPLICATION_REPLY_ISSUED = "opening.application.reply_issued", "制发书面答复"
    APPLICATION_FOLLOWED_UP = "opening.application.followed_up", "利用情况回访"
    APPLICATION_USE_REPORTED = "opening.application.use_reported", "报告利用情况"
    APPLICATION_OPENED = "opening.application.opened", "按协议开放"
    APPLICATION_ENDED = "opening.application.ended", "开放到期"
    APPLICATION_ENTRY_WITHDRAWN = "opening.application.entry_withdrawn", "申请的数据已从目录撤下"
    APPLICATION_LAPSED = "opening.application.lapsed", "因目录撤下办结申请"
    APPLICATION_REVOKED = "opening.application.revoked", "收回开放"
    COMPETITION_RECORDED = "opening.competition.recorded", "记录公开竞争"
    FEEDBACK_RECEIVED = "opening.feedback.received", "收到公众意见"
    FEEDBACK_MODERATED = "opening.feedback.moderated", "审核公众意见"
    FEEDBACK_ANSWERED = "opening.feedback.answered", "答复公众意见"
    FEEDBACK_WITHDRAWN = "opening.feedback.withdrawn", "撤回公众意见"
    FEEDBACK_FORWARDED = "opening.feedback.forwarded", "转办公众需求"
    WORK_SUBMITTED = "opening.work.submitted", "提交应用成果"
    WORK_MODERATED = "opening.work.moderated", "审核应用成果"
    WORK_WITHDRAWN = "opening.work.withdrawn", "撤下应用成果"
    PARTY_REGISTERED = "organizations.party.registered", "注册"
    PARTY_VERIFIED = "organizations.party.verified", "核验邮箱"
    PARTY_CHANGED = "organizations.party.changed", "更改注册信息"
    PARTY_CLOSED = "organizations.party.closed", "注销"
    USE_REPORTED = "delivery.use.reported", "报告使用情况"
    USE_DISPOSAL_ASKED = "delivery.use.disposal_asked", "应当处置数据"
    USE_DISPOSED = "delivery.use.disposed", "确认处置数据"
    USE_DISPOSAL_DEMANDED = "delivery.use.disposal_demanded", "提出处置要求"
    USE_CORRECTION_ORDERED = "delivery.use.correction_ordered", "责令整改"
    USE_CORRECTED = "delivery.use.corrected", "报告整改"
    USE_CORRECTION_ACCEPTED = "delivery.use.correction_accepted", "整改通过"
    GRANT_STOP_FILED = "delivery.grant.stop_filed", "停止或变更服务备案"
    GRANT_CHANGED = "delivery.grant.changed", "变更授权"
    ONWARD_CONSENTED = "delivery.grant.onward_consented", "同意提供给第三方"
    ONWARD_WITHDRAWN = "delivery.grant.onward_withdrawn", "收回提供给第三方的同意"
    GRANT_FILING_WITHDRAWN = "delivery.grant.filing_withdrawn", "撤回停止或变更备案"
    GRANT_EXPIRY_REMINDED = "delivery.grant.expiry_reminded", "提醒授权将到期"
    SUBSTITUTE_NAMED = "procedures.substitute.named", "委托代理"
    SUBSTITUTE_ENDED = "procedures.substitute.ended", "结束代理"
    CALENDAR_IMPORTED = "procedures.calendar.imported", "导入工作日安排"
    TERM_OVERDUE = "procedures.term.overdue", "期限届满未办"
    CALENDAR_REVISED = "procedures.calendar.revised", "替换工作日安排"
    TERM_NEAR = "procedures.term.near", "临期提醒"
    TERM_REMINDED = "procedures.term.reminded", "催办"
    TERM_RECOMPUTED = "procedures.term.recomputed", "期限重新计算"


class MailRhythm(TextChoices):
    """How often a person wants mail about what waits."""

    AT_ONCE = "at_once", "有新事项就发"
    DAILY = "daily", "每个工作日早上一封"
    NONE = "none", "不发"


class ReminderKind(TextChoices):
    """When the platform reminds by itself; each once for one due day."""

    NEAR = "near", "还剩两个工作日"
    DUE = "due", "今天到期"
