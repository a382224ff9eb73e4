"""One form sent twice at once, two officers at once, two clicks on one link. On PostgreSQL, where two really can."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from shuqiao.accounts.types import ANONYMOUS
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel import IllegalMove, NotFound
from shuqiao.opening.feedback import services
from shuqiao.opening.feedback.types import FeedbackKind
from shuqiao.opening.models import Feedback
from shuqiao.organizations import parties
from shuqiao.organizations.tests.factories import make_city
from shuqiao.organizations.types import LinkPurpose, PartyKind
from shuqiao.procedures.models import Event, InboxItem

ON = date(2026, 3, 2)
AT = datetime(2026, 3, 2, tzinfo=UTC)
pytestmark = [pytest.mark.race, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def at_once(steps: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment; what each returned, None for a step that came too late."""
    barrier = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return step()
        except (IllegalMove, NotFound):
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_one_form_is_one_case_and_one_answer_stands() -> None:
    city = make_city()
    entry = entries.published(city, opening_type="unconditional", opening_method="download")
    words = services.Words(FeedbackKind.CORRECTION, "第三行的地址有误", uuid4(), entry_id=entry.pk)
    taken = at_once([lambda: services.say(actor=ANONYMOUS, words=words, on=ON)] * 4)
    assert all(taken)
    one = Feedback.objects.get()
    assert InboxItem.objects.filter(case_id=one.pk).count() == 1
    officer = city.actor("provider-approver")

    def step(name: str) -> Callable[[], Any]:
        return lambda: services.take_step(actor=officer, feedback_id=one.pk, step=name, text="已核对", on=ON)

    done = at_once([step("accept"), step("refute"), step("accept"), step("refute")])
    assert sum(result is not None for result in done) == 1
    assert Event.objects.filter(case_id=one.pk).count() == 2


def test_a_link_is_used_once() -> None:
    given = parties.Registration(PartyKind.PERSON, "周公民", "zhou@example.cn", "correct-horse-battery")
    party = parties.register_party(given=given, at=AT)
    assert party is not None
    token = parties.link_for(party=party, purpose=LinkPurpose.VERIFY, at=AT)
    done = at_once([lambda: parties.verify_email(token=token, at=AT)] * 4)
    assert sum(result is not None for result in done) == 1
