"""The workbench pages: inbox, done, notices, supervision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from shuqiao import law
from shuqiao.accounts.types import P
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import today
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.tests.factories import City
from shuqiao.portal import workbench
from shuqiao.procedures import services
from shuqiao.procedures.models import Event, Term
from shuqiao.procedures.types import CaseKind, CaseRef, E

ClientOf = Callable[[str], Client]


def workdays_ago(count: int) -> date:
    day = today()
    while count:
        day -= timedelta(days=1)
        count -= law.default_calendar().is_workday(day)
    return day


def give(city: City, title: str, *, received: date | None) -> Term | None:
    """Put an answer to be given into the provider head's inbox; without a day there is no clock."""
    number = services.next_case_number(kind=CaseKind.SHARING_REQUEST, division="210800", on=today())
    case = CaseRef(CaseKind.SHARING_REQUEST, new_id(), number, title, "/sharing/")
    term = None
    if received:
        resolved = organizations.regime_of("210800", received).term("sharing.reply.conditional")
        assert resolved is not None
        term = services.open_term(
            case=case, resolved=resolved, received_on=received, department=city.provider
        )
    services.assign(
        case=case,
        department=city.provider,
        permission=P.SHARING_REQUEST_ANSWER,
        action="答复",
        detail="3 个信息项",
        term=term,
    )
    return term


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.article("yingkou-2022", "20")
def test_inbox_groups_by_urgency_and_shows_clock_and_article(city: City, client_of: ClientOf) -> None:
    give(city, "逾期的一件", received=workdays_ago(9))
    give(city, "宽裕的一件", received=today())
    give(city, "没有期限的一件", received=None)
    shown = text(client_of("provider-approver"), "/work/")
    assert "1 件已逾期" in shown
    assert shown.index("逾期的一件") < shown.index("宽裕的一件") < shown.rindex("没有期限的一件")
    assert "营口办法 第二十条" in shown
    assert "不计期限" in shown
    late = text(client_of("provider-approver"), "/work/?late=1")
    assert "宽裕的一件" not in late


def test_empty_inbox_says_so(city: City, client_of: ClientOf) -> None:
    for username in ("stranger", "auditor", "admin", "consumer-developer"):
        assert "没有要办的事" in text(client_of(username), "/work/")


@pytest.mark.parametrize(
    ("counts", "due_today", "words"),
    [
        ({"open": 0, "late": 0}, 0, "没有要办的事"),
        ({"open": 3, "late": 1}, 1, "今天到期 1 件，另有 1 件已逾期"),
        ({"open": 3, "late": 2}, 0, "2 件已逾期"),
        ({"open": 3, "late": 0}, 2, "今天到期 2 件"),
        ({"open": 3, "late": 0}, 0, "3 件待办，今天没有到期的"),
    ],
)
def test_headline_is_one_sentence(counts: dict[str, int], due_today: int, words: str) -> None:
    assert workbench.headline(counts, due_today=due_today) == words


def test_what_is_done_moves_to_the_done_list(city: City, client_of: ClientOf) -> None:
    term = give(city, "办完的一件", received=today())
    assert term is not None
    services.settle(case=services.case_of(term))
    head = client_of("provider-approver")
    assert "没有要办的事" in text(head, "/work/")
    assert "办完的一件" in text(head, "/work/done/")


def test_opening_the_notices_marks_them_read(city: City, client_of: ClientOf) -> None:
    term = give(city, "某申请", received=today())
    assert term is not None
    services.notify(case=services.case_of(term), department_id=city.provider.id, text="对方已补正")
    head = client_of("provider-approver")
    assert "1 条新通知" in text(head, "/work/notices/")
    assert "没有新通知" in text(head, "/work/notices/")
    assert "还没有通知" in text(client_of("stranger"), "/work/notices/")


@pytest.mark.article("yingkou-2022", "36")
def test_the_bureau_sees_what_is_overdue_and_reminds_with_one_click(city: City, client_of: ClientOf) -> None:
    term = give(city, "逾期的一件", received=workdays_ago(9))
    assert term is not None
    bureau = client_of("bureau-supervisor")
    assert "1 件已逾期" in text(bureau, "/work/supervision/")
    answer = bureau.post(f"/work/supervision/{term.id}/remind/", follow=True)
    assert "已催办 营口市市场监督管理局" in answer.content.decode()
    assert Event.objects.filter(type=E.TERM_REMINDED, case_id=term.case_id).count() == 1
    assert "没有逾期的事" in text(client_of("shenyang-bureau"), "/work/supervision/")
    assert client_of("provider-approver").post(f"/work/supervision/{term.id}/remind/").status_code in {
        403,
        404,
    }


def test_inbox_asks_a_bounded_number_of_questions(
    city: City, client_of: ClientOf, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(60):
        give(city, f"第 {number} 件", received=workdays_ago(number % 7))
    head = client_of("provider-approver")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        text(head, "/work/")
