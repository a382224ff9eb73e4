"""What an entry says, state by state, with its data items."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from shuqiao.catalog.duplicates import normal_title
from shuqiao.catalog.models.entries import Entry
from shuqiao.catalog.searching import normalized
from shuqiao.catalog.types import (
    BASIS_LEVELS,
    EDITABLE_STATES,
    MOVES,
    OPEN_STATES,
    BaseDomain,
    DataType,
    FormatCategory,
    Grade,
    ItemContent,
    ItemFacts,
    Kind,
    MethodCategory,
    MethodType,
    OpeningMethod,
    OpeningType,
    RevisionContent,
    SecrecyMark,
    Sensitive,
    SharingType,
    Status,
    UpdateCycle,
)
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move
from shuqiao.procedures.types import CaseKind, CaseRef


def _choice(name: str, choices: type[models.TextChoices], length: int = 32) -> models.CharField[str, str]:
    return models.CharField(name, max_length=length, choices=choices.choices, blank=True)


def _census(name: str) -> models.DecimalField[object, object]:
    return models.DecimalField(name, max_digits=18, decimal_places=6, default=0)


class Revision(models.Model):
    """One state of an entry's content. Content changes only while it is a draft or has been returned."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Without an index of its own: that of `revision_number_once` begins with it.
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="revisions", db_index=False)
    # The entry's department, so that its revisions lie together in one index. Written by triggers, whatever is given.
    of_department = models.UUIDField(null=True, editable=False)
    number = models.PositiveIntegerField("版次")
    status = models.CharField("状态", max_length=16, choices=Status.choices, default=Status.DRAFT)
    case_number = models.CharField("案号", max_length=32, blank=True)
    lock_version = models.PositiveIntegerField(default=1)

    title = models.CharField("信息资源名称", max_length=200)
    english_name = models.CharField("英文名称", max_length=200, blank=True)
    summary = models.CharField("摘要", max_length=1000, blank=True)
    kind = _choice("类", Kind)
    classification = models.CharField("分类代码", max_length=24, blank=True)
    theme = models.CharField("主题", max_length=64, blank=True)
    base_domain = _choice("基础数据", BaseDomain)
    inner_department = models.CharField("内部部门", max_length=64, blank=True)
    format_category = _choice("格式分类", FormatCategory)
    format_type = models.CharField("格式类型", max_length=32, blank=True)
    format_note = models.CharField("其他类型资源格式描述", max_length=200, blank=True)
    update_cycle = _choice("更新周期", UpdateCycle)
    update_note = models.CharField("具体更新时间", max_length=200, blank=True)
    priority_domains = models.CharField("重点领域", max_length=300, blank=True)
    collected = models.BooleanField("归集数据", default=False)
    collection_method = models.CharField("归集方式", max_length=64, blank=True)
    sharing_type = _choice("共享类型", SharingType)
    sharing_condition = models.CharField("共享条件", max_length=1000, blank=True)
    sharing_scope = models.CharField("共享范围", max_length=1000, blank=True)
    sharing_use = models.CharField("使用用途", max_length=1000, blank=True)
    sharing_reason = models.CharField("理由", max_length=1000, blank=True)
    sharing_basis = models.CharField("共享属性依据", max_length=500, blank=True)
    sharing_basis_level = models.CharField("依据层级", max_length=32, choices=BASIS_LEVELS, blank=True)
    method_category = _choice("共享方式分类", MethodCategory)
    method_type = _choice("共享方式类型", MethodType)
    opening_type = _choice("开放类型", OpeningType)
    opening_method = _choice("开放方式", OpeningMethod)
    opening_condition = models.CharField("开放条件", max_length=1000, blank=True)
    opening_basis = models.CharField("开放属性依据", max_length=500, blank=True)
    opening_basis_level = models.CharField("开放依据层级", max_length=32, choices=BASIS_LEVELS, blank=True)
    secrecy_mark = _choice("涉密标识", SecrecyMark)
    secrecy_assessed = models.BooleanField("已做保密风险评估", default=False)
    personal_information_assessed = models.BooleanField("已做个人信息保护影响评估", default=False)
    grade = _choice("数据分级", Grade)
    source_system = models.CharField("来源系统", max_length=128, blank=True)
    contact_name = models.CharField("联系人", max_length=64, blank=True)
    contact_phone = models.CharField("联系电话", max_length=32, blank=True)
    published_on = models.DateField("发布日期", null=True, blank=True)
    related_codes = models.CharField("关联信息资源代码", max_length=1000, blank=True)
    online_address = models.CharField("在线资源链接地址", max_length=500, blank=True)
    ownership = models.CharField("权属关系", max_length=64, blank=True)
    management_mode = models.CharField("管理方式", max_length=64, blank=True)
    origin_mode = models.CharField("信息资源生成方式", max_length=64, blank=True)
    storage_gb = _census("数据存储总量（G）")
    records_wan = _census("结构化信息记录总数（万）")
    shared_storage_gb = _census("已共享的数据存储量（G）")
    shared_records_wan = _census("已共享的结构化记录数（万）")
    opened_storage_gb = _census("已开放的数据存储量（G）")
    opened_records_wan = _census("已开放的结构化记录数（万）")

    search_text = models.TextField(blank=True, editable=False)
    return_reasons: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(
        "退回意见", default=list, blank=True
    )
    signed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    signed_on = models.DateField("签署日期", null=True, blank=True)
    reviewed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_on = models.DateField("审核日期", null=True, blank=True)
    imported_by = models.ForeignKey(
        "ImportRecord", models.PROTECT, null=True, blank=True, related_name="revisions"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(status__in=[s.value for s in OPEN_STATES]),
                name="revision_one_open",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status=Status.PUBLISHED.value), name="revision_one_published"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "returned", "given_up"])
                | (Q(signed_on__isnull=False) & ~Q(case_number="")),
                name="revision_signed_when_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | ~Q(secrecy_mark__in=["work_secret", "state_secret"]),
                name="revision_secret_never_published",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="revision_has_title"),
            models.CheckConstraint(
                condition=Q(shared_storage_gb__gte=0) & Q(storage_gb__gte=0), name="revision_census"
            ),
        ]
        indexes = [
            models.Index(
                fields=["opening_type", "-published_on"],
                condition=Q(status="published"),
                name="published_newest",
            ),
            models.Index(
                fields=["sharing_type", "opening_type"],
                condition=Q(status="published"),
                name="published_kinds",
            ),
            models.Index(
                fields=["opening_type", "theme"], condition=Q(status="published"), name="published_themes"
            ),
            models.Index(
                fields=["opening_type", "opening_basis", "opening_basis_level"],
                condition=Q(status="published"),
                name="published_bases",
            ),
            # A department's workbench is counted and paged from this index alone.
            models.Index(
                fields=["of_department", "changed_at", "id", "status"], name="revision_of_department"
            ),
            models.Index(fields=["status", "signed_on"]),
            models.Index(fields=["status", "sharing_type"]),
            models.Index(fields=["status", "opening_type"]),
            models.Index(fields=["status", "-published_on"], name="revision_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第 {self.number} 版）"

    def move_to(self, wanted: Status) -> None:
        """The only way the status changes. Raises IllegalMove."""
        self.status = check_move(MOVES, Status(self.status), wanted, what=f"目录条目“{self.title}”")

    @property
    def is_editable(self) -> bool:
        """The department may change the content."""
        return self.status in EDITABLE_STATES

    @property
    def is_open(self) -> bool:
        """It is the next revision, not yet published."""
        return self.status in OPEN_STATES

    def write(self, content: RevisionContent) -> None:
        """Take over what the department wrote; the data items are rows of their own."""
        for column in CONTENT_COLUMNS:
            setattr(self, column, getattr(content, column))
        self.search_text = search_text_of(content)

    def content(self) -> RevisionContent:
        """What the revision says, with its items."""
        values = {column: getattr(self, column) for column in CONTENT_COLUMNS}
        return RevisionContent(**values, items=tuple(item.content() for item in self.items.all()))

    def case(self) -> CaseRef:
        """How procedures knows the review of this revision."""
        return CaseRef(
            CaseKind.CATALOG_REVISION,
            self.id,
            self.case_number or f"草稿第{self.number}版",
            self.title,
            f"/catalog/revisions/{self.id}/",
        )


DATUM_LENGTH = 128
if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:  # Django's fields take no parameters when they run
    _Text = models.CharField


def datum_of(name: str) -> str:
    """An item's name as designations, spreads and the check before collecting know it: letters folded, without spaces
    and punctuation."""
    return normal_title(name)[:DATUM_LENGTH]


class DatumField(_Text):
    """The item's name normalised, written with every row whoever writes it, so that it can be looked up by index."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """What is written follows from the name."""
        value = datum_of(model_instance.name)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> Any:
        """To the database it is a text like others."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class DataItem(models.Model):
    """One data item (信息项) of a revision."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="items")
    order = models.PositiveIntegerField("次序")
    name = models.CharField("名称", max_length=128)
    datum = DatumField("数据项", max_length=DATUM_LENGTH, default="", editable=False)
    column = models.CharField("字段名", max_length=128, blank=True)
    data_type = _choice("数据类型", DataType, 1)
    length = models.CharField("数据长度", max_length=16, blank=True)
    is_key = models.BooleanField("主键", default=False)
    nullable = models.BooleanField("可为空", default=True)
    dictionary = models.CharField("字典", max_length=200, blank=True)
    sharing_type = _choice("共享类型", SharingType)
    sharing_condition = models.CharField("共享条件", max_length=500, blank=True)
    method_category = _choice("共享方式分类", MethodCategory)
    method_type = _choice("共享方式类型", MethodType)
    opening_type = _choice("开放类型", OpeningType)
    opening_condition = models.CharField("开放条件", max_length=500, blank=True)
    object_type = models.CharField("对象类型", max_length=64, blank=True)
    default_value = models.CharField("默认值", max_length=200, blank=True)
    sensitive = _choice("个人敏感类别", Sensitive)
    base_item = models.BooleanField("基础数据项", default=False)
    description = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "order"], name="item_order_once"),
            models.UniqueConstraint(fields=["revision", "name"], name="item_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="item_has_name"),
        ]
        indexes = [
            models.Index(fields=["name"], name="item_by_name"),
            models.Index(fields=["datum"], name="item_by_datum"),
        ]

    def __str__(self) -> str:
        return self.name

    def content(self) -> ItemContent:
        """What the item says."""
        return ItemContent(**{column: getattr(self, column) for column in ITEM_COLUMNS})

    def facts(self, revision: Revision) -> ItemFacts:
        """The item with the attributes that hold for it: its own, or those of the entry."""
        return ItemFacts(
            id=self.id,
            order=self.order,
            name=self.name,
            column=self.column,
            data_type=self.data_type,
            length=self.length,
            is_key=self.is_key,
            nullable=self.nullable,
            dictionary=self.dictionary,
            sharing_type=self.sharing_type or revision.sharing_type,
            sharing_condition=self.sharing_condition or revision.sharing_condition,
            opening_type=self.opening_type or revision.opening_type,
            sensitive=self.sensitive,
            description=self.description,
        )

    @classmethod
    def rows_of(cls, revision_id: UUID, items: tuple[ItemContent, ...]) -> list[DataItem]:
        """Unsaved rows of a revision's items, in their order."""
        return [
            cls(
                revision_id=revision_id,
                order=order,
                **{column: getattr(item, column) for column in ITEM_COLUMNS},
            )
            for order, item in enumerate(items, 1)
        ]


CONTENT_COLUMNS = tuple(field.name for field in fields(RevisionContent) if field.name != "items")
ITEM_COLUMNS = tuple(field.name for field in fields(ItemContent))


def search_text_of(content: RevisionContent) -> str:
    """What a search looks through: title, theme, summary and item names, normalized."""
    return normalized(
        " ".join((content.title, content.theme, content.summary, *(item.name for item in content.items)))
    )
