"""The closed lists that every pack answers to: term ids, rule ids, what a rule may need, and for each
parameter which value is the stricter one. A pack using a word that is not here does not load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from shuqiao.law.types import ParamValue

TERMS: Mapping[str, str] = {
    "catalog.review": "目录审核与发布",
    "catalog.update": "目录更新",
    "sharing.reply.unconditional": "无条件共享申请的答复",
    "sharing.reply.conditional": "有条件共享申请的答复",
    "sharing.supplement": "补正申请材料",
    "sharing.delivery": "同意后提供数据",
    "delivery.correction": "违规使用的整改",
    "delivery.disposal": "用完后处置数据",
    "verification.reply": "数据校核",
    "verification.correction": "校核后的更正",
    "opening.reply": "开放申请的答复",
    "opening.correction": "公众纠错的核实",
    "sharing.dispute.coordinate": "协调共享争议",
    "sharing.demand.reply": "数据需求的答复",
    "sharing.outside.reply": "机关以外单位申请的答复",
    "sharing.emergency.review": "应急共享的事后审查",
}

NEEDS: Mapping[str, str] = {
    "reason": "说明理由",
    "basis": "法律依据",
    "publication": "向社会公开",
    "classification": "分类",
    "grading": "数据分类分级",
    "name": "名称",
    "provider": "提供单位",
    "responsible_party": "责任方",
    "contact": "联系人",
    "summary": "摘要",
    "data_items": "信息项",
    "format": "格式",
    "update_cycle": "更新周期",
    "sharing_type": "共享类型",
    "sharing_method": "共享方式",
    "open_type": "开放类型",
    "opening_method": "开放方式",
    "use_conditions": "使用条件",
    "sharing_scope": "共享范围",
    "permitted_use": "使用用途",
    "department_head_consent": "部门负责人同意",
    "secrecy_assessment": "保密风险评估",
    "personal_information_assessment": "个人信息保护影响评估",
    "legal_basis": "使用依据",
    "scenario": "使用场景",
    "scope": "使用范围",
    "mode": "共享方式",
    "use_until": "使用时限",
    "requester_sign_off": "需求部门共享工作机构负责人同意",
    "provider_sign_off": "提供部门共享工作机构负责人同意",
    "everything_missing_at_once": "一次告知全部缺项",
    "negotiation": "与需求部门协商",
    "filing": "报主管部门备案",
    "suspension": "先暂停权限",
    "rectification": "限期整改",
    "bureau_recheck": "主管部门复核",
    "machine_readable": "可机读格式",
    "secrecy_review": "保密审查",
    "personal_data_review": "个人信息审查",
    "use_process": "使用过程",
    "use_effect": "应用成效",
    "storage": "存储情况",
    "disposal": "销毁情况",
    "authority_consent": "主管部门同意",
    "requester_notice": "告知需求部门",
    "safeguards": "安全保障措施",
    "agreement": "签订协议",
    "leader": "负责领导",
    "bureau_review": "主管部门审核",
}


PRIORITY_DOMAINS: Mapping[str, str] = {
    "credit": "信用",
    "transport": "交通",
    "health": "医疗",
    "employment": "就业",
    "social_security": "社保",
    "education": "教育",
    "environment": "环境",
    "meteorology": "气象",
    "enterprise": "企业登记监管",
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """One word out of a list; the earlier word is the stricter."""

    values: tuple[str, ...]

    def problem(self, value: object) -> str | None:
        """Why a value cannot stand here, or None."""
        return None if value in self.values else f"want one of {', '.join(self.values)}"

    def strictest(self, values: Iterable[ParamValue]) -> ParamValue:
        """The word that stands earliest in the list."""
        return min(values, key=lambda value: self.values.index(str(value)))


@dataclass(frozen=True, slots=True)
class Words:
    """A set of words. What is forbidden or covered adds up; what is allowed (`narrowing`) shrinks."""

    values: tuple[str, ...]
    narrowing: bool = False

    def problem(self, value: object) -> str | None:
        """Why a value cannot stand here, or None."""
        if not isinstance(value, tuple) or not value or len(set(value)) != len(value):
            return "want a list of different words"
        unknown = [word for word in value if word not in self.values]
        return f"unknown {unknown}; want some of {', '.join(self.values)}" if unknown else None

    def strictest(self, values: Iterable[ParamValue]) -> ParamValue:
        """All words of all sources, or only those common to all."""
        sets = [frozenset(value) for value in values if isinstance(value, tuple)]
        kept = reduce(frozenset.intersection if self.narrowing else frozenset.union, sets)
        return tuple(word for word in self.values if word in kept)


@dataclass(frozen=True, slots=True)
class Number:
    """A positive whole number; the smaller is the stricter unless `more_is_stricter`."""

    more_is_stricter: bool = False

    def problem(self, value: object) -> str | None:
        """Why a value cannot stand here, or None."""
        good = isinstance(value, int) and not isinstance(value, bool) and value > 0
        return None if good else "want a positive whole number"

    def strictest(self, values: Iterable[ParamValue]) -> ParamValue:
        """The largest or the smallest number."""
        numbers = [value for value in values if isinstance(value, int)]
        return max(numbers) if self.more_is_stricter else min(numbers)


Param = Ranked | Words | Number


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule the system knows: its Chinese name and the parameters a pack may set.

    `moot` names parameters that say nothing once another has a certain value: whose consent counts,
    where passing on is never allowed.
    """

    label: str
    params: Mapping[str, Param] = field(default_factory=dict)
    moot: Mapping[str, tuple[str, ParamValue]] = field(default_factory=dict)


RULES: Mapping[str, RuleSpec] = {
    "catalog.none.basis": RuleSpec("不予共享须有依据"),
    "catalog.conditional.basis": RuleSpec("有条件共享须列明条件或依据"),
    "catalog.secret.refused": RuleSpec(
        "涉密等数据不得编目", {"marks": Words(("state_secret", "work_secret", "information_disclosure"))}
    ),
    "catalog.metadata.required": RuleSpec("目录必填要素"),
    "catalog.base_items.unconditional": RuleSpec(
        "基础数据项无条件共享",
        {"domains": Words(("population", "legal_person", "natural_geography", "e_certificate"))},
    ),
    "catalog.quarterly": RuleSpec("目录定期全面维护", {"every_months": Number()}),
    "catalog.sign_off": RuleSpec("编目前评估与审签"),
    "catalog.theme": RuleSpec("主题目录整体报送审核"),
    "catalog.duplicates": RuleSpec("重复条目须合并"),
    "catalog.one_source": RuleSpec("一数一源，确定数源部门"),
    "catalog.emergency": RuleSpec("目录以外的临时采集"),
    "collecting.no_repeat": RuleSpec("能共享到的不重复采集"),
    "sharing.request.content": RuleSpec("共享申请应写明的内容"),
    "sharing.reply.sign_off": RuleSpec("答复的审签"),
    "sharing.refusal.basis": RuleSpec("不同意共享须有理由和依据"),
    "sharing.one_notice": RuleSpec("材料不全一次告知"),
    "sharing.scope.not_wider": RuleSpec("授权不超出同意的范围"),
    "sharing.onward_transfer": RuleSpec(
        "不得转给第三方",
        {
            "transfer": Ranked(("never", "with_consent")),
            "consent_of": Words(("provider", "data_subject"), narrowing=True),
        },
        moot={"consent_of": ("transfer", "never")},
    ),
    "sharing.purpose_bound": RuleSpec("只用于约定的用途", {"other_use": Ranked(("never", "with_consent"))}),
    "sharing.unconditional.direct": RuleSpec("无条件共享直接获取", {"request": Ranked(("logged", "none"))}),
    "sharing.dispute": RuleSpec(
        "共享争议的处理", {"steps": Words(("negotiation", "bureau", "common_superior", "government"))}
    ),
    "sharing.demand": RuleSpec("以需求为导向"),
    "sharing.outside": RuleSpec("机关以外的单位凭协议使用"),
    "sharing.emergency": RuleSpec("突发事件中的应急共享", {"most_days": Number()}),
    "sharing.return_flow": RuleSpec("向下级回流，不另设条件"),
    "delivery.end.filing": RuleSpec("停止或变更服务须协商备案"),
    "delivery.misuse.suspend": RuleSpec("违规使用先暂停"),
    "delivery.disposal": RuleSpec("用完后妥善处置数据"),
    "delivery.use.report": RuleSpec("定期报告使用情况", {"every_months": Number()}),
    "verification.request": RuleSpec("数据有误由使用部门提出校核"),
    "verification.answer": RuleSpec("校核结果须反馈，有误须更正"),
    "verification.citizen": RuleSpec("不得要求群众自行办理更正，凭有效证明照常办理"),
    "resources.recheck": RuleSpec("挂载后复核发布"),
    "opening.unconditional.no_login": RuleSpec("无条件开放无需申请"),
    "opening.secrecy_check": RuleSpec("开放前的保密与个人信息审查"),
    "opening.basis.public": RuleSpec("不开放的依据"),
    "opening.priority": RuleSpec("优先开放的领域", {"domains": Words(tuple(PRIORITY_DOMAINS))}),
    "opening.lists": RuleSpec("编制发布开放清单"),
    "opening.application": RuleSpec(
        "开放申请的提出与答复",
        {
            "purposes": Words(
                ("innovation", "governance", "service", "research", "commercial"), narrowing=True
            )
        },
    ),
    "opening.refusal.reason": RuleSpec("不同意开放须说明理由"),
    "opening.written_reply": RuleSpec("按要求书面答复"),
    "opening.research": RuleSpec("科研利用限于公益", {"use": Ranked(("public_benefit",))}),
    "opening.commercial": RuleSpec("商业开发须经公开竞争", {"selection": Ranked(("open_competition",))}),
    "opening.use": RuleSpec("按协议利用并接受跟踪"),
    "opening.citation": RuleSpec("产品注明来源和日期"),
    "opening.correction": RuleSpec("公众提出的异议由平台转办"),
    "opening.demand": RuleSpec("公众提出数据需求"),
    "opening.works": RuleSpec("展示利用成果"),
    "evidence.use_log": RuleSpec("使用全过程留痕", {"keep_years": Number(more_is_stricter=True)}),
    "evidence.paper_equal": RuleSpec("电子文书与纸质同效"),
    "security.safeguard": RuleSpec("防止数据被非法获取"),
    "organizations.filing": RuleSpec("负责人和联络人备案"),
    "organizations.sharing_body": RuleSpec("部门的共享工作机构"),
    "organizations.participants": RuleSpec("公共企事业单位参与"),
    "sharing.platform": RuleSpec("经统一平台共享，不另建"),
    "sharing.free": RuleSpec("无偿共享"),
    "sharing.by_default": RuleSpec("以共享为原则"),
    "sharing.no_own_conditions": RuleSpec("不得自设条件"),
    "sharing.modes": RuleSpec("提供数据的方式", {"modes": Words(("interface", "batch", "file"))}),
    "catalog.bureau_review": RuleSpec("目录经主管部门审核"),
    "catalog.update.triggers": RuleSpec(
        "引起目录更新的情形", {"triggers": Words(("law", "duty", "system", "other"))}
    ),
    "resources.quality": RuleSpec(
        "数据质量",
        {"qualities": Words(("true", "accurate", "complete", "usable", "timely", "consistent"))},
    ),
    "services.no_resubmission": RuleSpec("办事不重复提交材料"),
    "systems.interfaces": RuleSpec("信息系统满足共享要求"),
    "systems.keep_data": RuleSpec("留存上级系统中的本地数据"),
    "planning.development": RuleSpec("发展规划和项目管理"),
    "oversight.evaluation": RuleSpec("共享开放工作评估"),
    "oversight.rectification": RuleSpec("违规的整改和追究"),
    "security.duties": RuleSpec("安全制度和负责人"),
    "security.monitoring": RuleSpec("风险监测和预警"),
    "security.backup": RuleSpec("定期备份"),
    "security.drills": RuleSpec("演练和联调"),
    "security.incident": RuleSpec("安全事件的处置和报告"),
    "security.contractors": RuleSpec("受托方的安全义务"),
    "security.complaints": RuleSpec("投诉举报的处理"),
    "security.aggregation": RuleSpec("防范汇聚关联泄密"),
}

# What is kept and shown but decides nothing: term or rule id → why. The reference pages say so; a test holds that
# every other id is read outside this package.
DOCUMENTED_ONLY: Mapping[str, str] = {
    "sharing.supplement": "随附的规定都没有补正的天数；补正期间答复的期限暂停",
    "sharing.free": "平台没有收费的环节",
    "sharing.by_default": "由“不予共享须有依据”落实，本身没有单独的步骤",
    "organizations.participants": "公共企事业单位登记为部门后，走同样的步骤",
    "services.no_resubmission": "收取材料在各业务系统，不在平台",
    **dict.fromkeys(
        ("systems.interfaces", "systems.keep_data", "planning.development"), "规划与信息系统部分尚未建成"
    ),
    **dict.fromkeys(("oversight.evaluation", "oversight.rectification"), "评估与整改部分尚未建成"),
    **dict.fromkeys(
        (
            "security.duties",
            "security.monitoring",
            "security.backup",
            "security.drills",
            "security.incident",
            "security.contractors",
            "security.complaints",
            "security.aggregation",
        ),
        "安全部分尚未建成",
    ),
}
