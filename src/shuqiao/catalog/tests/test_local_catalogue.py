"""One catalogue of a place, compiled by its departments, put together by its authority (Decree 12, Dongchangfu 13)."""

from __future__ import annotations

import pytest

from shuqiao.catalog import exporting, queries, services, spreadsheet
from shuqiao.catalog.tests import factories
from shuqiao.catalog.types import EntryFilters
from shuqiao.kernel import NotAllowed
from shuqiao.kernel.time import today

pytestmark = pytest.mark.django_db


@pytest.mark.article("national-2025", "12")
@pytest.mark.article("dongchangfu-2020", "13")
def test_each_department_compiles_its_own_and_the_place_has_one_catalogue(city, tmp_path):
    own = factories.published(city, on=today(), title="企业登记信息")
    with pytest.raises(NotAllowed):
        factories.draft(city, department=city.consumer)
    other = services.create_entry(
        actor=city.actor("consumer-cataloguer"), department_id=city.consumer.pk,
        content=factories.content(title="参保单位信息"), on=today(),
    )  # fmt: skip
    services.submit_revision(actor=city.actor("consumer-approver"), revision_id=other.pk, on=today())
    with pytest.raises(NotAllowed):
        services.publish_revision(actor=city.actor("consumer-approver"), revision_id=other.pk, on=today())
    services.publish_revision(actor=city.actor("bureau-reviewer"), revision_id=other.pk, on=today())

    place = EntryFilters(divisions=(city.yingkou.code,), order="code")
    found = queries.list_entries_for(city.actor("stranger"), place)
    assert [entry.department_id for entry in found] == [city.provider.pk, city.consumer.pk]
    assert len({entry.code for entry in found}) == 2
    assert own.code == "307001/000001", "the codes of the national guide, class first"

    # As one sheet in the layout of the national guide, which reads back as it was.
    reading = spreadsheet.read(
        spreadsheet.write(exporting.found(city.actor("stranger"), place), tmp_path / "a.xlsx")
    )
    assert [(draft.content.title, draft.provider, draft.code) for draft in reading.drafts] == [
        (entry.published.title, entry.department.name, entry.code) for entry in found
    ]
    assert not any(problem.blocks for problem in reading.problems)
