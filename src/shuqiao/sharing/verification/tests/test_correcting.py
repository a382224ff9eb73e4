"""The new version ends the case, and everybody who read the wrong value since it appeared hears which records."""

from __future__ import annotations

import gzip
from urllib.parse import quote

import pytest
from django.urls import reverse

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.tests.factories import order_of
from shuqiao.kernel.time import now
from shuqiao.procedures.models import Event, InboxItem, Notice, Term
from shuqiao.procedures.types import E
from shuqiao.resources import queries as resources
from shuqiao.resources.tests import factories
from shuqiao.sharing.models import ReaderTold
from shuqiao.sharing.verification import queries, services
from shuqiao.sharing.verification.jobs import notice_corrections
from shuqiao.sharing.verification.tests.conftest import KEY, ON, OTHER, YES, accept, asked_of, read
from shuqiao.sharing.verification.types import Asked, Claim, Finding
from shuqiao.store import Query, Scope


def rows_of(grant, key=""):
    return f"/v1/resources/{grant.resource_id}/rows{'/' + key if key else ''}"


@pytest.mark.article("yingkou-2022", "23")
@pytest.mark.article("national-2025", "26")
def test_whoever_read_the_wrong_value_is_told_which_records_changed(city, home, table, grant, ask):
    table.publish(**{KEY: "张三丰"})  # the second version is the first with the wrong value
    masked = table.grant(city.other, columns=(("统一社会信用代码", "keep_ends"), ("法人代表", "none")))
    elsewhere = table.grant(city.bureau, where=({"column": "地区", "op": "eq", "values": ["沈阳"]},))
    blind = table.grant(city.shenyang_provider, columns=(("统一社会信用代码", "none"), ("地区", "none")))
    never = table.grant(city.dongchangfu_provider)
    read(home, grant, rows_of(grant, KEY))
    read(home, grant, rows_of(grant, OTHER))
    read(home, masked, rows_of(grant) + "?limit=100", rows=3, action="rows")
    read(home, elsewhere, rows_of(grant), rows=1, action="rows")
    read(home, blind, rows_of(grant, KEY))
    read(home, never, rows_of(grant, OTHER))
    case = ask(Claim((KEY,), "法人代表", "张三"))
    accept(city, case)
    assert queries.fields_of(case)[0].wrong_since.number == 2
    assert notice_corrections(now()) == 0, "nothing new is published"
    right = table.publish(**{KEY: "张三"})
    assert notice_corrections(now()) == 1
    assert notice_corrections(now()) == 0
    case.refresh_from_db()
    assert (case.status, case.corrected_version_id) == ("corrected", right.id)
    assert not InboxItem.objects.filter(case_id=case.id, done_at=None).exists()
    assert not Term.objects.filter(case_id=case.id, closed_on=None).exists()
    told = {one.grant_id: one for one in ReaderTold.objects.all()}
    assert set(told) == {grant.id, masked.id}
    assert (told[grant.id].named, told[grant.id].reads) == (True, 1)
    assert told[grant.id].lines == [{"key": KEY, "fields": ["法人代表"]}]
    assert (told[masked.id].named, told[masked.id].reads) == (False, 1)
    assert told[masked.id].lines == [{"key": f"912{'*' * 11}0011", "fields": ["法人代表"]}]
    notice = Notice.objects.get(case_id=masked.id, text__contains="更正")
    assert KEY not in notice.text
    assert "可能读过" in notice.text
    assert "法人代表" in notice.text
    assert KEY in Notice.objects.get(case_id=grant.id, text__contains="更正").text
    event = Event.objects.get(type=E.READERS_TOLD)
    assert [one["grant"] for one in event.data["readers"]] == sorted([grant.number, masked.number])
    assert KEY not in str(event.data)


def test_reads_before_the_wrong_value_appeared_and_after_it_went_count_for_nothing(
    city, home, table, grant, ask
):
    before = table.grant(city.other)
    read(home, before, rows_of(grant, KEY))
    table.publish(**{KEY: "张三丰"})
    case = ask(Claim((KEY,), "法人代表", "张三"))
    accept(city, case)
    table.publish(**{KEY: "张三"})
    notice_corrections(now())
    assert not ReaderTold.objects.exists()
    assert Event.objects.get(type=E.READERS_TOLD).data == {"readers": [], "without_grant": 0}


def test_a_version_without_the_correction_leaves_the_case_open_and_the_provider_hears(city, table, ask):
    case = ask(Claim((KEY,), "法人代表", "赵六"), Claim((OTHER,), "法人代表", "钱七"))
    accept(city, case)
    table.publish(**{KEY: "赵六"})
    assert notice_corrections(now()) == 1
    assert notice_corrections(now()) == 0, "the same version is looked at once"
    case.refresh_from_db()
    assert case.status == "accepted"
    notices = Notice.objects.filter(case_id=case.id, department=city.provider, text__contains="没有更正")
    assert notices.count() == 1
    assert InboxItem.objects.filter(case_id=case.id, done_at=None).count() == 1
    table.publish(**{KEY: "赵六", OTHER: "钱七"})
    notice_corrections(now())
    case.refresh_from_db()
    assert case.status == "corrected"


def test_what_was_promised_can_be_stated_anew(city, table, ask):
    case = ask()
    accept(city, case)
    table.publish(**{KEY: "赵六六"})
    notice_corrections(now())
    case.refresh_from_db()
    assert case.status == "accepted"
    one = queries.fields_of(case)[0]
    services.restate_correction(
        actor=city.actor("provider-approver"), verification_id=case.id, found={one.id: Finding("wrong", "赵六六")},
        reason="档案上是赵六六", on=ON,
    )  # fmt: skip
    notice_corrections(now())
    case.refresh_from_db()
    assert case.status == "corrected"
    assert E.VERIFICATION_RESTATED in Event.objects.filter(case_id=case.id).values_list("type", flat=True)


def test_a_row_that_should_not_be_there_is_corrected_by_its_absence(city, table, ask):
    case = ask()
    accept(city, case, Finding("remove"))
    table.publish(**{OTHER: "别的"})
    notice_corrections(now())
    case.refresh_from_db()
    assert case.status == "accepted"
    table.publish(**{KEY: None})
    notice_corrections(now())
    case.refresh_from_db()
    assert case.status == "corrected"


def test_the_wrong_value_is_empty_and_so_may_be_the_right_one(city, table, ask):
    case = ask(Claim((KEY,), "法人代表", ""))
    accept(city, case, Finding("wrong", ""))
    table.publish(**{KEY: ""})
    notice_corrections(now())
    case.refresh_from_db()
    assert case.status == "corrected"


def test_already_corrected_when_it_is_accepted(city, table, ask):
    case = ask()
    table.publish(**{KEY: "赵六"})
    accept(city, case)
    notice_corrections(now())
    case.refresh_from_db()
    assert case.status == "corrected"


def test_the_holder_sees_on_the_page_and_by_rest_which_records(city, home, table, grant, client_of):
    read(home, grant, rows_of(grant, KEY))
    case = services.ask_verification(
        actor=city.actor("consumer-cataloguer"), grant_id=grant.id, asked=asked_of(), on=ON
    )
    accept(city, case)
    table.publish(**{KEY: "赵六"})
    notice_corrections(now())
    consumer, stranger = client_of("consumer-approver"), client_of("stranger")
    address = reverse("sharing:verification-told", args=[grant.id])
    page = consumer.get(address).content.decode()
    assert KEY in page
    assert "第 2 版更正" in page
    rest = consumer.get(reverse("api:sharing-verification-told", args=[grant.id])).json()
    assert rest[0]["lines"] == [{"key": KEY, "fields": ["法人代表"]}]
    assert stranger.get(address).status_code == 404
    shown = client_of("provider-approver").get(case.get_absolute_url()).content.decode()
    assert "读过旧值、已经告知的" in shown
    assert "按键读过" in shown


@pytest.mark.shared_data
def test_on_a_real_register(city, home, tmp_path, shared_data):
    """Two thousand firms of a real register: a legal representative is said to be wrong, corrected, the reader told."""
    with gzip.open(shared_data / "enterprises_liaoning_1980-2004.csv.gz", "rt", encoding="utf-8-sig") as file:
        lines = [file.readline() for _ in range(2001)]
    resource = factories.mount(city, factories.FIRMS)
    first = factories.publish(city, factories.upload_text(city, resource, "".join(lines), tmp_path))
    by = tuple(resources.published_table(resource.id).lookup_keys[0])
    with resources.shelf().open(first.store_version) as version:
        found = version.rows(Query(limit=200), Scope.of((*by, "法人代表"))).rows
    row = next(row for row in found if row["法人代表"] and all(row[name] for name in by))
    grant = delivery.issue_grant(
        actor=PLATFORM,
        order=order_of(
            resource, city.consumer.id, columns=tuple((one, "none") for one in factories.FIRMS), where=()
        ),
        decision=YES,
        on=ON,
    )
    key = tuple(str(row[name]) for name in by)
    read(home, grant, rows_of(grant, quote(",".join(key), safe=",")))
    claim = Claim(key, "法人代表", "更正后的人")
    case = services.ask_verification(
        actor=city.actor("consumer-cataloguer"),
        grant_id=grant.id,
        asked=Asked(by, (claim,), "与执照不符", "执照"),
        on=ON,
    )
    assert row["法人代表"] in case.fields.get().shown
    accept(city, case)
    place = next(n for n, line in enumerate(lines) if all(part in line for part in (*key, row["法人代表"])))
    lines[place] = lines[place].replace(row["法人代表"], "更正后的人")
    factories.publish(city, factories.upload_text(city, resource, "".join(lines), tmp_path))
    notice_corrections(now())
    case.refresh_from_db()
    assert case.status == "corrected"
    assert [one.grant_id for one in ReaderTold.objects.all()] == [grant.id]
