"""Who learns that an entry was withdrawn under a running grant, and how often."""

from __future__ import annotations

import pytest

from shuqiao.accounts.types import PLATFORM
from shuqiao.catalog import services as catalog
from shuqiao.catalog.models import Entry
from shuqiao.delivery import jobs
from shuqiao.delivery import services as delivery
from shuqiao.delivery.models import Grant
from shuqiao.delivery.tests import factories as tables
from shuqiao.kernel import Article
from shuqiao.kernel.decision import allow
from shuqiao.kernel.time import now, today
from shuqiao.procedures.models import Event, Notice
from shuqiao.procedures.types import CaseKind, E

YES = allow("sharing.scope.not_wider", "按申请同意", Article("yingkou-2022", "20"))


@pytest.mark.article("national-2025", "25")
def test_bureau_provider_and_grantee_learn_once_and_the_grant_runs_on(city):
    table = tables.make_table(tables.make_entry(city.provider))
    order = tables.order_of(table, city.consumer.id, valid_from=today())
    grant = delivery.issue_grant(actor=PLATFORM, order=order, decision=YES, on=today())
    assert jobs.tell_of_withdrawn_entries(now()) == 0
    catalog.withdraw_entry(
        actor=city.actor("provider-approver"), entry_id=table.entry_id, reason="职责取消", on=today()
    )
    assert jobs.tell_of_withdrawn_entries(now()) == 1
    assert jobs.tell_of_withdrawn_entries(now()) == 0
    told = Notice.objects.filter(case_kind=CaseKind.GRANT, case_id=grant.id, text__contains="目录条目已撤下")
    assert {notice.department_id for notice in told} == {city.bureau.id, city.provider.id, city.consumer.id}
    assert Event.objects.filter(type=E.GRANT_ENTRY_WITHDRAWN).count() == 1
    assert Grant.objects.get(id=grant.id).state == "active"
    assert Entry.objects.get(id=table.entry_id).published is None
