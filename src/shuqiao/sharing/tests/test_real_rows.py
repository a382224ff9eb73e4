"""On rows that were really built: what the provider sees of a scope, and what the gateway then reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from shuqiao.catalog.models import Revision
from shuqiao.delivery import book
from shuqiao.delivery import services as delivery
from shuqiao.delivery.models import Grant
from shuqiao.gateway.book import read_book
from shuqiao.gateway.grants import make_ledger
from shuqiao.kernel.time import today
from shuqiao.resources import queries as resources
from shuqiao.resources.tests import factories
from shuqiao.sharing import offers, previews, services
from shuqiao.sharing.types import Scope
from shuqiao.store import Query, Store

ITEMS = ("统一社会信用代码", "企业名称", "地区", "成立日期", "联系电话")
CSV = (
    ",".join(ITEMS)
    + "\n91210800MA0U000011,营口甲公司,营口,2001-02-03,13800138000"
    + "\n91210800MA0U000022,营口乙公司,营口,2011-02-03,13900139000"
    + "\n91210100MA0U000033,沈阳丙公司,沈阳,2015-02-03,13700137000\n"
)


@pytest.fixture
def table(city, tmp_path):
    mounted = factories.mount(city, ITEMS)
    Revision.objects.filter(entry=mounted.entry_id).update(sharing_type="conditional")
    factories.publish(city, factories.upload_text(city, mounted, CSV, tmp_path))
    mounted.refresh_from_db()
    return mounted


@pytest.fixture
def live(submitted, table):
    return submitted(table, on=today(), valid_until=today() + timedelta(days=300))


def test_the_sample_is_the_scope_and_nothing_else(table):
    listing = offers.listing_of(table.entry_id)
    scope = Scope(
        (("企业名称", "none"), ("联系电话", "keep_ends"), ("成立日期", "year")),
        ({"column": "地区", "op": "eq", "values": ["营口"]},),
    )
    sample, total = previews.sample_of(listing, scope)
    assert total == 2
    assert sample["企业名称"] == "营口甲公司"
    assert sample["成立日期"] == "2001"
    assert "*" in sample["联系电话"]
    assert set(sample) == {"企业名称", "联系电话", "成立日期"}
    assert previews.sample_of(listing, Scope(())) == ({}, None)


def test_the_provider_sees_a_row_and_the_requester_none(live, client_of):
    answer = client_of("provider-approver").get(reverse("sharing:answer", args=[live.id])).content.decode()
    assert "营口甲公司" in answer
    assert "约 2 行" in answer
    for who in ("consumer-approver", "consumer-cataloguer"):
        page = client_of(who).get(reverse("sharing:request", args=[live.id])).content.decode()
        assert "营口甲公司" not in page


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.article("national-2025", "25")
def test_what_the_gateway_holds_reads_exactly_the_grant(city, home, live):
    services.approve_request(actor=city.actor("provider-approver"), request_id=live.id, on=today())
    grant = Grant.objects.get()
    developer = city.actor("consumer-developer")
    key = delivery.issue_key(actor=developer, department_id=city.consumer.id, system="核定", on=today())
    delivery.bind_key(actor=developer, grant_id=grant.id, key_id=key.id, on=today())
    book.write_book()
    ledger = make_ledger(read_book(book.path()), bytes.fromhex("ab" * 32))
    held = ledger.grants[key.id, str(grant.resource_id)][0]
    version = ledger.resources[str(grant.resource_id)].version
    with Store(resources.store_root()).open(version) as opened:
        page = opened.rows(Query(), held.scope)
    assert page.columns == ("统一社会信用代码", "企业名称", "联系电话")
    assert [row["企业名称"] for row in page.rows] == ["营口甲公司", "营口乙公司"]
    assert all("*" in row["联系电话"] for row in page.rows)
