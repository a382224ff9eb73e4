"""Roles, permissions, and the actor on whose behalf every read and every step is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import TextChoices

from shuqiao.kernel import NotAllowed


class Role(TextChoices):
    """What a person is appointed to, in one department (or, for the bureau, over a division)."""

    CATALOGUER = "cataloguer", "目录编制员"
    APPROVER = "approver", "共享工作机构负责人"
    SECURITY_OFFICER = "security_officer", "安全员"
    DEVELOPER = "developer", "系统对接人"
    BUREAU_REVIEWER = "bureau_reviewer", "主管部门审核员"
    BUREAU_SUPERVISOR = "bureau_supervisor", "主管部门监督员"
    AUDITOR = "auditor", "审计员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"


class P(TextChoices):
    """Permissions, named app:object:action. The label is what a refusal calls it."""

    CATALOG_ENTRY_READ = "catalog:entry:read", "查看本部门目录条目"
    CATALOG_ENTRY_EDIT = "catalog:entry:edit", "编制目录条目"
    CATALOG_ENTRY_SIGN = "catalog:entry:sign", "签署并报送目录条目"
    CATALOG_ENTRY_REVIEW = "catalog:entry:review", "审核目录条目"
    RESOURCES_RESOURCE_READ = "resources:resource:read", "查看挂载资源"
    RESOURCES_RESOURCE_EDIT = "resources:resource:edit", "挂载资源"
    RESOURCES_VERSION_REVIEW = "resources:version:review", "复核资源版本"
    SHARING_REQUEST_READ = "sharing:request:read", "查看共享申请"
    SHARING_REQUEST_DRAFT = "sharing:request:draft", "起草共享申请"
    SHARING_REQUEST_SIGN = "sharing:request:sign", "签署共享申请"
    SHARING_REQUEST_ANSWER = "sharing:request:answer", "答复共享申请"
    SHARING_EXTENSION_CONSENT = "sharing:extension:consent", "同意延长答复期限"
    DELIVERY_GRANT_READ = "delivery:grant:read", "查看授权"
    DELIVERY_GRANT_STOP = "delivery:grant:stop", "暂停、恢复与终止授权"
    DELIVERY_KEY_MANAGE = "delivery:key:manage", "管理应用凭证"
    JOURNAL_READ = "journal:record:read", "查询存证"
    ORGANIZATIONS_FILING_EDIT = "organizations:filing:edit", "报送联络人备案"
    ORGANIZATIONS_FILING_READ = "organizations:filing:read", "查看联络人备案"
    ORGANIZATIONS_SUBSTITUTE = "organizations:substitute:name", "为本部门人员指定代理"
    ORGANIZATIONS_ADMIN = "organizations:tree:admin", "管理机构与人员"
    PROCEDURES_SUPERVISE = "procedures:case:supervise", "监督办理期限"
    PROCEDURES_CALENDAR = "procedures:calendar:admin", "管理工作日安排"
    SHARING_VERIFICATION_READ = "sharing:verification:read", "查看校核"
    SHARING_VERIFICATION_ASK = "sharing:verification:ask", "提出校核"
    SHARING_VERIFICATION_ANSWER = "sharing:verification:answer", "答复校核"
    SHARING_DISPUTE_READ = "sharing:dispute:read", "查看争议"
    SHARING_DISPUTE_RAISE = "sharing:dispute:raise", "提出与协商争议"
    SHARING_DISPUTE_DECIDE = "sharing:dispute:decide", "协调争议"
    SHARING_DEMAND_READ = "sharing:demand:read", "查看数据需求"
    SHARING_DEMAND_POST = "sharing:demand:post", "提出数据需求"
    SHARING_DEMAND_ASSIGN = "sharing:demand:assign", "分办数据需求"
    SHARING_DEMAND_ANSWER = "sharing:demand:answer", "答复数据需求"
    SHARING_OUTSIDE_READ = "sharing:outside:read", "查看机关以外单位的申请"
    SHARING_OUTSIDE_CONSENT = "sharing:outside:consent", "对机关以外单位使用本部门数据表示同意"
    SHARING_OUTSIDE_DECIDE = "sharing:outside:decide", "审批机关以外单位的申请"
    SHARING_EMERGENCY_DECLARE = "sharing:emergency:declare", "宣布应急共享"
    DELIVERY_USE_REPORT = "delivery:use:report", "报告使用情况"
    OPENING_CASE_READ = "opening:case:read", "查看开放事项"
    OPENING_REVIEW_SUBMIT = "opening:review:submit", "提交开放审查"
    OPENING_REVIEW_DECIDE = "opening:review:decide", "审查开放"
    OPENING_APPLICATION_ANSWER = "opening:application:answer", "答复开放申请"
    OPENING_FEEDBACK_ANSWER = "opening:feedback:answer", "答复公众意见"
    OPENING_FEEDBACK_MODERATE = "opening:feedback:moderate", "审核公众意见"


DEPARTMENT_READ = frozenset(
    {
        P.CATALOG_ENTRY_READ,
        P.RESOURCES_RESOURCE_READ,
        P.SHARING_REQUEST_READ,
        P.DELIVERY_GRANT_READ,
        P.ORGANIZATIONS_FILING_READ,
        P.SHARING_VERIFICATION_READ,
        P.SHARING_DISPUTE_READ,
        P.SHARING_DEMAND_READ,
        P.SHARING_OUTSIDE_READ,
        P.OPENING_CASE_READ,
    }
)
# Administration, audit and operation are three hands (GB/T 39477-2020 6.2): the administrator reads no data
# and decides no case, the auditor changes nothing.
ROLES: Mapping[Role, frozenset[P]] = {
    Role.CATALOGUER: DEPARTMENT_READ
    | {
        P.CATALOG_ENTRY_EDIT,
        P.RESOURCES_RESOURCE_EDIT,
        P.SHARING_REQUEST_DRAFT,
        P.ORGANIZATIONS_FILING_EDIT,
        P.SHARING_VERIFICATION_ASK,
        P.SHARING_DEMAND_POST,
        P.DELIVERY_USE_REPORT,
        P.OPENING_REVIEW_SUBMIT,
        P.OPENING_FEEDBACK_ANSWER,
    },
    Role.APPROVER: DEPARTMENT_READ
    | {
        P.CATALOG_ENTRY_SIGN,
        P.ORGANIZATIONS_SUBSTITUTE,
        P.SHARING_REQUEST_DRAFT,
        P.SHARING_REQUEST_SIGN,
        P.SHARING_REQUEST_ANSWER,
        P.DELIVERY_GRANT_STOP,
        P.JOURNAL_READ,
        P.ORGANIZATIONS_FILING_EDIT,
        P.SHARING_VERIFICATION_ASK,
        P.SHARING_VERIFICATION_ANSWER,
        P.SHARING_DISPUTE_RAISE,
        P.SHARING_DEMAND_POST,
        P.SHARING_DEMAND_ANSWER,
        P.SHARING_OUTSIDE_CONSENT,
        P.DELIVERY_USE_REPORT,
        P.OPENING_REVIEW_SUBMIT,
        P.OPENING_APPLICATION_ANSWER,
        P.OPENING_FEEDBACK_ANSWER,
    },
    Role.SECURITY_OFFICER: DEPARTMENT_READ | {P.DELIVERY_GRANT_STOP, P.JOURNAL_READ},
    Role.DEVELOPER: frozenset(
        {P.DELIVERY_GRANT_READ, P.DELIVERY_KEY_MANAGE, P.CATALOG_ENTRY_READ, P.SHARING_REQUEST_READ}
    ),
    Role.BUREAU_REVIEWER: DEPARTMENT_READ
    | {
        P.CATALOG_ENTRY_REVIEW,
        P.RESOURCES_VERSION_REVIEW,
        P.SHARING_EXTENSION_CONSENT,
        P.SHARING_DEMAND_ASSIGN,
        P.SHARING_OUTSIDE_DECIDE,
        P.OPENING_REVIEW_DECIDE,
        P.OPENING_FEEDBACK_MODERATE,
    },
    Role.BUREAU_SUPERVISOR: DEPARTMENT_READ
    | {
        P.PROCEDURES_SUPERVISE,
        P.PROCEDURES_CALENDAR,
        P.ORGANIZATIONS_SUBSTITUTE,
        P.SHARING_EXTENSION_CONSENT,
        P.SHARING_DISPUTE_DECIDE,
        P.SHARING_DEMAND_ASSIGN,
        P.SHARING_EMERGENCY_DECLARE,
        P.DELIVERY_GRANT_STOP,
        P.JOURNAL_READ,
    },
    Role.AUDITOR: DEPARTMENT_READ | {P.JOURNAL_READ},
    Role.SYSTEM_ADMIN: frozenset({P.ORGANIZATIONS_ADMIN, P.ORGANIZATIONS_FILING_READ}),
}
DIVISION_ROLES = frozenset({Role.BUREAU_REVIEWER, Role.BUREAU_SUPERVISOR, Role.AUDITOR, Role.SYSTEM_ADMIN})


@dataclass(frozen=True, slots=True)
class Post:
    """One appointment: a role in a department; division-wide roles cover every division in `divisions`.

    `stands_in_for` is the name of the absent person whose post this is, when it is held as a substitute (代理).
    """

    role: Role
    department_id: UUID
    department_name: str
    division: str
    divisions: frozenset[str] = frozenset()
    stands_in_for: str = ""
    stands_in_for_id: UUID | None = None

    @property
    def permissions(self) -> frozenset[P]:
        """What the role may do."""
        return ROLES[self.role]


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in person with posts, somebody outside government with a registration (`party_id`), a
    system by its application key (`key_id`), nobody (anonymous), or the platform itself."""

    user_id: UUID | None
    name: str
    posts: tuple[Post, ...] = field(default=())
    is_platform: bool = False
    party_id: UUID | None = None
    key_id: str = ""
    # Posts of absent people without which a permission asked for so far would not have been there: whoever acts on it
    # acts for them, and the event rows of the step say so.
    relied_on: set[Post] = field(default_factory=set, compare=False, repr=False)

    def may(self, permission: P, *, department_id: UUID | None = None, division: str | None = None) -> bool:
        """Whether a post gives `permission` over the thing of this department, or over its division.

        Department roles reach things of their own department; division-wide roles reach every thing of the
        divisions they cover. With neither named, the answer is whether any post gives it at all.
        What only an absent person's post gives is remembered in `relied_on`.
        """
        if self.is_platform:
            return True
        for post in sorted(self.posts, key=lambda held: held.stands_in_for_id is not None):
            if _gives(post, permission, department_id, division):
                if post.stands_in_for_id and (department_id or division):
                    self.relied_on.add(post)
                return True
        return False

    def demand(
        self, permission: P, *, department_id: UUID | None = None, division: str | None = None
    ) -> None:
        """Raise NotAllowed unless `may`."""
        if not self.may(permission, department_id=department_id, division=division):
            raise NotAllowed(permission.value, f"您没有“{permission.label}”的权限")

    def departments_with(self, permission: P) -> frozenset[UUID]:
        """Departments in which a department role gives the permission."""
        return frozenset(
            post.department_id
            for post in self.posts
            if post.role not in DIVISION_ROLES and permission in post.permissions
        )

    def divisions_with(self, permission: P) -> frozenset[str]:
        """Divisions over which a division-wide role gives the permission."""
        return frozenset(
            code
            for post in self.posts
            if post.role in DIVISION_ROLES and permission in post.permissions
            for code in post.divisions
        )

    @property
    def is_anonymous(self) -> bool:
        """Nobody has signed in, and no system has shown its key."""
        return self.user_id is None and not self.is_platform and not self.key_id

    @property
    def first_post(self) -> Post | None:
        """The post shown beside the name."""
        return self.posts[0] if self.posts else None


def _gives(post: Post, permission: P, department_id: UUID | None, division: str | None) -> bool:
    if permission not in post.permissions:
        return False
    if department_id is None and division is None:
        return True
    if post.role in DIVISION_ROLES:
        return division is not None and division in post.divisions
    return department_id is not None and post.department_id == department_id


ANONYMOUS = Actor(user_id=None, name="匿名访问者")
PLATFORM = Actor(user_id=None, name="平台", is_platform=True)
