"""What the public wishes for reaches the departments."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from shuqiao.accounts.types import ANONYMOUS
from shuqiao.kernel import IllegalMove, NotFound
from shuqiao.kernel.time import today
from shuqiao.opening.feedback import services
from shuqiao.opening.feedback.types import FeedbackKind, FeedbackStatus
from shuqiao.organizations.tests.factories import City
from shuqiao.portal.forwarding import forward_demand
from shuqiao.procedures import queries as procedures
from shuqiao.sharing.models import Demand


@pytest.fixture
def wish(city: City):
    words = services.Words(
        FeedbackKind.DEMAND, "想知道每个公交站点在哪里", uuid4(), division=city.yingkou.code, title="公交站点"
    )
    return services.say(actor=ANONYMOUS, words=words, on=today()).feedback


@pytest.mark.article("yingkou-2022", "4")
def test_a_wish_of_the_public_is_forwarded_once_and_waits_to_be_assigned(city: City, wish) -> None:
    bureau = city.actor("bureau-reviewer")
    number = forward_demand(actor=bureau, feedback_id=wish.id, on=today())
    demand = Demand.objects.get(number=number)
    assert (demand.title, demand.department_id, demand.division_id) == ("公交站点", None, city.yingkou.code)
    assert procedures.list_inbox_for(bureau).filter(case_id=demand.id).exists(), "it is to be assigned"
    wish.refresh_from_db()
    assert (wish.status, wish.forwarded_to) == (FeedbackStatus.FORWARDED, number)
    with pytest.raises(IllegalMove):
        forward_demand(actor=bureau, feedback_id=wish.id, on=today())
    assert Demand.objects.count() == 1, "the second time nothing stays behind"
    with pytest.raises(NotFound):
        forward_demand(actor=city.actor("stranger"), feedback_id=wish.id, on=today())


def test_the_page_offers_it_and_leads_on(city: City, wish, client: Client) -> None:
    client.force_login(city.user("bureau-reviewer"))
    page = client.get(f"/opening/feedback/{wish.id}/").content.decode()
    address = f"/work/public-demands/{wish.id}/forward/"
    assert address in page
    assert client.post(address).status_code == 302
    assert Demand.objects.get().number in client.get("/sharing/demands/").content.decode()
