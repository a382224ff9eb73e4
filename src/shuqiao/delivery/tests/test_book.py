"""The grant book: what is in it, that it follows every change, and that nothing older replaces it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog.models import DataItem
from shuqiao.delivery import book, jobs, services
from shuqiao.delivery.models import BookState, Grant
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.tests.factories import COLUMNS, TODAY, make_entry, make_table, order_of
from shuqiao.delivery.types import GrantState
from shuqiao.gateway.book import book_path, read_book, write_book
from shuqiao.gateway.grants import make_ledger
from shuqiao.gateway.sealing import key_context, unseal
from shuqiao.kernel.time import now
from shuqiao.procedures import events
from shuqiao.procedures.types import CaseKind, CaseRef, E
from shuqiao.resources.tests.factories import open_up
from shuqiao.store import Mask

MASTER = bytes.fromhex("ab" * 32)


def placed(home):
    return read_book(book_path(home))


def test_the_book_says_what_was_granted_and_the_gateway_can_use_it(city, home, grant):
    developer = city.actor("consumer-developer")
    key = services.issue_key(actor=developer, department_id=city.consumer.id, system="核定", on=TODAY)
    services.bind_key(actor=developer, grant_id=grant.id, key_id=key.id, on=TODAY)
    book.write_book()
    found = placed(home)
    (row,) = found.grants
    assert [(column.name, column.mask) for column in row.columns] == [
        ("统一社会信用代码", "none"),
        ("企业名称", "none"),
    ]
    assert row.where == [{"column": "地区", "op": "eq", "values": ["营口"]}]
    assert row.keys == [key.id]
    assert row.basis == ["yingkou-2022:20"]
    ledger = make_ledger(found, MASTER)
    assert ledger.faults == ()
    assert (
        unseal(MASTER, found.keys[key.id].sealed_secret, context=key_context(key.id)) == key.secret.encode()
    )
    assert ledger.grants[key.id, row.resource][0].scope.columns[0].mask is Mask.NONE


def test_quota_and_rate_of_a_grant_are_in_the_book(city, home, table):
    for quota, rate in ((500, 60), (None, None)):
        order = order_of(table, city.consumer.id, daily_quota=quota, rate_per_minute=rate)
        grant = services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)
        book.write_book()
        (row,) = [one for one in placed(home).grants if one.id == str(grant.id)]
        assert (row.daily_quota, row.rate_per_minute) == (quota, rate)


def test_a_change_is_in_the_book_when_the_step_returns(city, home, grant, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        services.suspend_grant(
            actor=city.actor("provider-approver"), grant_id=grant.id, reason="核查", on=TODAY
        )
    (row,) = placed(home).grants
    assert (row.state, row.state_reason, row.state_basis) == ("suspended", "核查", ["national-2025:27"])


def test_a_row_made_once_follows_state_and_keys(city, home, table):
    """Rows of active grants are kept in the process; suspending, resuming and binding still show at once."""
    orders = [order_of(table, grantee) for grantee in (city.consumer.id, city.other.id, city.bureau.id)]
    grants = [services.issue_grant(actor=PLATFORM, order=one, decision=YES, on=TODAY) for one in orders]
    first = grants[0]

    def row():
        rows = {one.id: one for one in book.compile_book(1, now()).grants}
        assert list(rows) == [str(grant.id) for grant in grants]
        return rows[str(first.id)]

    assert (row().state, row().keys) == ("active", [])
    provider, developer = city.actor("provider-approver"), city.actor("consumer-developer")
    services.suspend_grant(actor=provider, grant_id=first.id, reason="核查", on=TODAY)
    assert (row().state, row().state_reason) == ("suspended", "核查")
    services.resume_grant(actor=provider, grant_id=first.id, note="已改", on=TODAY)
    key = services.issue_key(actor=developer, department_id=city.consumer.id, system="核定", on=TODAY)
    services.bind_key(actor=developer, grant_id=first.id, key_id=key.id, on=TODAY)
    assert (row().state, row().state_reason, row().keys) == ("active", "", [key.id])


def test_what_a_killed_process_did_not_write_the_worker_writes(city, home, grant):
    assert not book_path(home).exists()  # the commit hooks of this test's transaction never run
    assert jobs.reconcile_book(now()) == 1
    assert placed(home).revision == BookState.objects.get().revision
    assert jobs.reconcile_book(now()) == 0


def test_an_idle_round_asks_the_database_twice(city, home, grant, django_assert_num_queries):
    jobs.reconcile_book(now())
    with django_assert_num_queries(3):
        jobs.reconcile_book(now())


def test_a_publication_reaches_the_book(city, home, table):
    jobs.reconcile_book(now())
    version = table.current_version
    version.store_version = "v-next"
    version.save()
    case = CaseRef(CaseKind.RESOURCE_VERSION, version.id, "营数资〔2026〕0002号", "x", "/")
    events.record(E.VERSION_PUBLISHED, actor=PLATFORM, case=case)
    assert jobs.reconcile_book(now()) == 1
    assert placed(home).resources[str(table.id)].version == "v-next"


def test_a_late_writer_leaves_the_newer_book(city, home, grant):
    book.write_book()
    newer = placed(home)
    ahead = type(newer)(revision=newer.revision + 5, written_at=newer.written_at)
    write_book(book_path(home), ahead)
    assert book.write_book() == ahead.revision
    assert placed(home).grants == []


def test_a_lost_or_broken_book_is_written_anew(city, home, grant):
    book.write_book()
    book_path(home).write_bytes(b"broken")
    assert jobs.reconcile_book(now()) == 1
    assert len(placed(home).grants) == 1
    book_path(home).unlink()
    assert jobs.reconcile_book(now()) == 1


def test_a_book_without_any_grant_exists_too(city, home):
    assert jobs.reconcile_book(now()) == 1
    assert placed(home).revision >= 0


@pytest.mark.article("yingkou-2022", "29")
def test_open_columns_leave_out_what_is_personal_or_not_open(city, home):
    entry = make_entry(city.provider, sharing="unconditional", opening="unconditional")
    DataItem.objects.filter(revision=entry.published, name="成立日期").update(opening_type="closed")
    opened = make_table(entry)
    closed = make_table(make_entry(city.provider, opening="closed"))
    book.write_book()
    assert placed(home).resources[str(opened.id)].open_columns is None, "nothing opens before its review"
    open_up(opened.id)
    open_up(closed.id)
    book.changed()
    book.write_book()
    rows = placed(home).resources
    assert rows[str(opened.id)].open_columns == ["统一社会信用代码", "企业名称", "地区"]
    assert rows[str(closed.id)].open_columns is None
    assert "联系电话" in [name for name, *_ in COLUMNS]


@pytest.mark.article("national-2025", "27")
def test_expiry_happens_once_and_both_sides_hear(city, home, table):
    order = order_of(table, city.consumer.id, valid_from=TODAY - timedelta(days=2), valid_until=TODAY)
    grant = services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=TODAY)
    late = now().replace(year=2027)
    assert jobs.expire_grants(late) == 1
    assert jobs.expire_grants(late) == 0
    grant.refresh_from_db()
    assert grant.state == GrantState.EXPIRED
    book.write_book()
    assert placed(home).grants[0].state == "ended"


def test_a_grant_lives_through_its_last_day(city, home, table):
    day = now().date()
    order = order_of(table, city.consumer.id, valid_from=day, valid_until=day)
    services.issue_grant(actor=PLATFORM, order=order, decision=YES, on=day)
    assert jobs.expire_grants(now()) == 0
    assert Grant.objects.get().state == GrantState.ACTIVE


def test_long_ended_grants_leave_the_book(city, home, grant):
    services.suspend_grant(actor=city.actor("provider-approver"), grant_id=grant.id, reason="x", on=TODAY)
    long_ago = now() - timedelta(days=400)
    Grant.objects.update(stopped_at=long_ago)
    book.write_book()
    assert [row.state for row in placed(home).grants] == ["suspended"]  # still live, so still in the book
    Grant.objects.update(state=GrantState.ENDED)
    book.write_book()
    assert placed(home).grants == []


@pytest.mark.crash
@pytest.mark.parametrize("attempt", range(3))
def test_kill_while_writing_leaves_a_whole_book(home, attempt, tmp_path):
    """A process that writes books without end is killed: what lies there is one whole book."""
    code = (
        "import sys; from pathlib import Path; from shuqiao.gateway.book import *\n"
        "path = book_path(Path(sys.argv[1])); n = 0\n"
        "while True:\n"
        "    n += 1; write_book(path, Book(revision=n, written_at='x' * 200_000))\n"
        "    print(n, flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, env={**os.environ}, text=True
    )
    for _ in range(20 + attempt * 7):
        last = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    assert placed(home).revision >= last
