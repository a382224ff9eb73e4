"""Expiry while somebody stops the grant, suspension while somebody reports: one outcome, whole. On PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import jobs
from shuqiao.delivery import services as grants
from shuqiao.delivery.models import Grant, UseRecord, UseReport
from shuqiao.delivery.tests.conftest import YES
from shuqiao.delivery.tests.factories import TODAY, make_entry, make_table, order_of
from shuqiao.delivery.tests.test_use import REPORT, at
from shuqiao.delivery.types import EndGround
from shuqiao.delivery.use import services
from shuqiao.kernel import IllegalMove, RuleRefused
from shuqiao.organizations.tests.factories import make_city
from shuqiao.procedures.models import InboxItem


@pytest.mark.race
@pytest.mark.postgresql  # SQLite in memory has one writer by construction
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_one_end_and_one_disposal(home, attempt):
    city = make_city()
    table = make_table(make_entry(city.provider))
    grant = grants.issue_grant(
        actor=PLATFORM, order=order_of(table, city.consumer.id), decision=YES, on=TODAY
    )
    holder, barrier = city.actor("consumer-approver"), Barrier(4)
    after = grant.valid_until + timedelta(days=1)
    end = {"grant_id": grant.id, "ground": EndGround.FULFILLED, "reason": "完成"}
    acts = (
        lambda: jobs.expire_grants(at(after)),
        lambda: grants.end_grant(actor=holder, on=after, **end),
        lambda: grants.suspend_grant(
            actor=city.actor("provider-approver"), grant_id=grant.id, reason="核查", on=after
        ),
        lambda: services.report_use(actor=holder, grant_id=grant.id, report=REPORT, on=after),
    )

    def run(act) -> None:
        barrier.wait(10)
        try:
            act()
        except (IllegalMove, RuleRefused):
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, acts))
    assert Grant.objects.get().state in {"ended", "expired"}
    assert UseRecord.objects.get().state == "disposal_due"
    assert UseReport.objects.count() == 1
    assert InboxItem.objects.filter(action="处置数据", done_at=None).count() == 1
