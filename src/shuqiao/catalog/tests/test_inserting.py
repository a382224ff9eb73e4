"""Many rows at once say what rows saved one by one say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError

from shuqiao.catalog.models import CONTENT_COLUMNS, DataItem, Entry, Revision
from shuqiao.catalog.models.revisions import ITEM_COLUMNS
from shuqiao.catalog.services.inserting import insert_rows
from shuqiao.catalog.types import ItemContent, RevisionContent, Status
from shuqiao.kernel.ids import new_id

CONTENT = RevisionContent(
    title="企业登记信息", summary="含“引号”与换行\n二", published_on=date(2026, 11, 2), storage_gb=Decimal("1.25"),
    secrecy_assessed=True,
)  # fmt: skip
ITEM = ItemContent(name="企业名称", data_type="C", is_key=True, nullable=False)


@pytest.fixture
def entry(city):
    return Entry.objects.create(division=city.yingkou, department=city.provider)


def row(entry, number=1):
    return {name: getattr(CONTENT, name) for name in CONTENT_COLUMNS} | {
        "id": new_id(), "entry_id": entry.id, "number": number, "search_text": "企业"
    }  # fmt: skip


def test_rows_read_back_as_they_were_given_with_the_defaults_of_the_model(entry):
    given = row(entry)
    item = {name: getattr(ITEM, name) for name in ITEM_COLUMNS}
    insert_rows(Revision, [given])
    insert_rows(DataItem, [item | {"id": new_id(), "revision_id": given["id"], "order": 1}])

    (revision,) = Revision.objects.filter(entry=entry)
    assert revision.pk == given["id"]
    assert revision.content() == RevisionContent(
        **{name: getattr(CONTENT, name) for name in CONTENT_COLUMNS}, items=(ITEM,)
    )
    assert (revision.status, revision.return_reasons, revision.signed_on) == (Status.DRAFT, [], None)
    assert revision.created_at is not None
    assert revision.changed_at is not None


def test_no_rows_are_no_statement(entry, django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_rows(Revision, [])


def test_what_must_never_be_true_is_refused_by_the_database(entry):
    with pytest.raises(IntegrityError):
        insert_rows(Revision, [row(entry), row(entry)])
