"""Departments publish their catalogue to both platforms and share through them (Shenyang 13, 17, Dongchangfu 18)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shuqiao.accounts.types import P
from shuqiao.catalog import queries, review_checks, services
from shuqiao.catalog.review_checks import Known
from shuqiao.catalog.tests.factories import ITEMS, conditional, content
from shuqiao.catalog.tests.test_rules import regime
from shuqiao.catalog.types import EntryFilters
from shuqiao.kernel import NotAllowed, NotFound
from shuqiao.kernel.time import today
from shuqiao.procedures.models import InboxItem

pytestmark = pytest.mark.django_db
OPEN = {"opening_type": "unconditional", "opening_method": "download"}


def published_in_shenyang(city, **changes):
    made = services.create_entry(
        actor=city.actor("shenyang-approver"), department_id=city.shenyang_provider.pk, content=content(**changes),
        on=today(),
    )  # fmt: skip
    services.submit_revision(actor=city.actor("shenyang-approver"), revision_id=made.pk, on=today())
    services.publish_revision(actor=city.actor("shenyang-bureau"), revision_id=made.pk, on=today())
    return made


@pytest.mark.article("shenyang-2020", "13")
def test_a_department_publishes_its_catalogue_to_the_sharing_and_to_the_open_platform(city):
    place = EntryFilters(divisions=(city.shenyang.code,))
    open_one = published_in_shenyang(city, title="轨道交通客流", **OPEN, source_system="省交通运行监测系统")
    closed_one = published_in_shenyang(city, title="不动产登记结果")

    shared = {entry.published.title for entry in queries.list_entries_for(city.actor("stranger"), place)}
    assert shared == {"轨道交通客流", "不动产登记结果"}, "every department, of another city too, finds both"
    public = queries.public_page(EntryFilters(words="客流"), number="1", per_page=20)
    assert [result.title for result in public.page] == ["轨道交通客流"]

    entry = queries.get_entry_for(city.actor("stranger"), open_one.entry_id)
    assert entry.published.source_system == "省交通运行监测系统", "whose system the city's data is kept from"
    with pytest.raises(NotAllowed):
        queries.get_entry_for(city.actor("stranger"), closed_one.entry_id, P.CATALOG_ENTRY_EDIT)


@pytest.mark.article("shenyang-2020", "13")
def test_another_department_does_not_publish_it_and_nobody_sees_it_before(city):
    with pytest.raises(NotAllowed):
        services.create_entry(
            actor=city.actor("stranger"),
            department_id=city.shenyang_provider.pk,
            content=content(),
            on=today(),
        )
    made = services.create_entry(
        actor=city.actor("shenyang-approver"),
        department_id=city.shenyang_provider.pk,
        content=content(),
        on=today(),
    )
    with pytest.raises(NotFound):
        queries.get_revision_for(city.actor("stranger"), made.pk)
    assert not queries.list_entries_for(city.actor("stranger"), EntryFilters()).exists()
    assert not InboxItem.objects.filter(department=city.shenyang_bureau).exists()


def found(place: str, **changes):
    known = Known(content=content(**changes), code="307001/000012", consented=True, regime=regime(place))
    return [check for check in review_checks.run(known) if check.id == "sharing.platform"]


@pytest.mark.article("dongchangfu-2020", "18")
@pytest.mark.article("shenyang-2020", "17")
@pytest.mark.parametrize(
    ("place", "article"), [("dongchangfu", "dongchangfu-2020:18"), ("shenyang", "shenyang-2020:17")]
)
@pytest.mark.parametrize(("category", "kind"), [("disk", "file"), ("mail", "file"), ("media", "paper")])
def test_what_is_exchanged_beside_the_platform_is_shown_to_the_reviewer(place, article, category, kind):
    (check,) = found(place, method_category=category, method_type=kind)
    assert article in {str(one) for one in check.basis}
    assert check.tone is review_checks.Tone.LOOK
    assert "改经平台" in check.what
    assert found(place) == []


@pytest.mark.article("dongchangfu-2020", "18")
def test_an_older_way_of_exchange_is_published_and_moved_to_the_platform_by_the_next_revision(city):
    head, bureau = city.actor("dongchangfu-approver"), city.actor("dongchangfu-bureau")
    made = services.create_entry(
        actor=head, department_id=city.dongchangfu_provider.pk,
        content=conditional(method_category="disk", method_type="file"), on=today(),
    )  # fmt: skip
    services.submit_revision(actor=head, revision_id=made.pk, on=today())
    services.publish_revision(actor=bureau, revision_id=made.pk, on=today())
    following = services.start_revision(actor=head, entry_id=made.entry_id, on=today())
    moved = replace(following.content(), method_category="platform", method_type="database", items=ITEMS)
    services.save_draft(actor=head, revision_id=following.pk, content=moved, on=today())
    services.submit_revision(actor=head, revision_id=following.pk, on=today())
    following.refresh_from_db()
    known = review_checks.known_of([following], today())[following.pk]
    assert "sharing.platform" not in {check.id for check in review_checks.run(known)}
    services.publish_revision(actor=bureau, revision_id=following.pk, on=today())
    assert queries.facts_of(made.entry_id).method_category == "platform"
