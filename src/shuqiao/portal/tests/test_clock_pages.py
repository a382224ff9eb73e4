"""Pages of the watch, working days, personal settings, substitutes and mail."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from icalendar import Calendar
from openpyxl import load_workbook

from shuqiao import law
from shuqiao.kernel.time import today
from shuqiao.organizations.tests.factories import City
from shuqiao.portal.tests.test_workbench import give, text, workdays_ago
from shuqiao.procedures import mailing, services
from shuqiao.procedures.models import CalendarYear, Event
from shuqiao.procedures.types import E

ClientOf = Callable[[str], Client]
YEAR = law.default_calendar().known_until.year + 1


def year_lines(year: int) -> str:
    """A year as a notice might put it: the solar holidays off, one weekend day worked."""
    saturday = next(
        day for day in (date(year, 3, 1) + timedelta(days=n) for n in range(7)) if day.weekday() == 5
    )
    return f"{year}-01-01,休\n{year}-05-01..{year}-05-05,休\n{year}-10-01..{year}-10-07,休\n{saturday},班"


def notice_form(year: int, days: str, **more: str) -> dict[str, str]:
    issued = date(year - 1, 11, 1) if date(year - 1, 11, 1) <= today() else today()
    return {
        "year": str(year),
        "source": f"国务院办公厅关于{year}年部分节假日安排的通知",
        "number": "国办发明电〔2026〕9号",
        "issued_on": str(issued),
        "days": days,
    } | more


def test_inbox_is_narrowed_by_kind_and_words(city: City, client_of: ClientOf) -> None:
    give(city, "企业登记", received=today())
    give(city, "学校名录", received=None)
    head = client_of("provider-approver")
    found = text(head, "/work/?q=企业")
    assert "企业登记" in found
    assert "学校名录" not in found
    assert "没有符合的事" in text(head, "/work/?kind=dispute")
    assert "学校名录" in text(head, "/work/?kind=sharing_request")
    assert "学校名录" in text(head, "/work/?kind=nonsense&department=nonsense")


@pytest.mark.article("yingkou-2022", "36")
def test_the_bureau_watches_by_state_and_reminds_of_many(city: City, client_of: ClientOf) -> None:
    terms = [give(city, f"第 {n} 件", received=workdays_ago(9)) for n in range(3)]
    give(city, "宽裕的", received=today())
    bureau = client_of("bureau-supervisor")
    assert "3 件已逾期" in text(bureau, "/work/supervision/")
    assert "4 件全部未办结" in text(bureau, "/work/supervision/?state=open")
    assert "没有今天到期的事" in text(bureau, "/work/supervision/?state=today&kind=dispute")
    assert bureau.get("/work/supervision/?state=nonsense").status_code == 400
    ids = [str(term.id) for term in terms if term]
    answer = bureau.post("/work/supervision/remind/", {"term": ids[:2]}, follow=True)
    assert "已催办 2 件" in answer.content.decode()
    assert answer.content.decode().count("已催办 1 次") == 2
    assert Event.objects.filter(type=E.TERM_REMINDED).count() == 2
    assert bureau.post("/work/supervision/remind/", {"term": "x"}).status_code == 400
    assert bureau.post("/work/supervision/remind/").status_code == 400


def test_statistics_as_page_csv_and_xlsx(city: City, client_of: ClientOf) -> None:
    late, in_time = give(city, "甲", received=workdays_ago(9)), give(city, "乙", received=workdays_ago(2))
    give(city, "丙", received=workdays_ago(9))
    for term in (late, in_time):
        assert term is not None
        services.close_term(term_id=term.id, on=today())
    bureau = client_of("bureau-supervisor")
    assert "营口市市场监督管理局" in text(bureau, "/work/supervision/statistics/")
    address = "/work/supervision/statistics/?by=department&by=kind"
    rows = list(csv.reader(io.StringIO(bureau.get(f"{address}&form=csv").content.decode("utf-8-sig"))))
    assert rows[0] == [
        "部门",
        "事项",
        "收到",
        "按期办结",
        "逾期办结",
        "按期率（%）",
        "平均工作日",
        "在办",
        "其中逾期",
    ]
    assert rows[1][:6] == ["营口市市场监督管理局", "共享申请", "3", "1", "1", "50.0"]
    assert rows[1][7:] == ["1", "1"]
    book = load_workbook(io.BytesIO(bureau.get(f"{address}&form=xlsx").content))
    assert [cell.value for cell in list(book.active.rows)[1]][2:5] == [3, 1, 1]  # type: ignore[union-attr]
    assert client_of("provider-approver").get("/work/supervision/statistics/").status_code == 403
    assert bureau.get("/work/supervision/statistics/?since=2027-01-01&until=2026-01-01").status_code == 400


def test_a_year_is_looked_at_before_it_is_imported(city: City, client_of: ClientOf) -> None:
    bureau = client_of("bureau-supervisor")
    wrong = bureau.post("/work/calendar/", notice_form(YEAR, f"{YEAR}-01-01,休\n昨天,休\n{YEAR}-05-32,休"))
    assert wrong.status_code == 400
    assert "第 2 行" in wrong.content.decode()
    assert "第 3 行" in wrong.content.decode()
    seen = bureau.post("/work/calendar/", notice_form(YEAR, year_lines(YEAR)))
    assert seen.status_code == 200
    assert "还没有写入" in seen.content.decode()
    assert not CalendarYear.objects.exists()
    done = bureau.post("/work/calendar/", notice_form(YEAR, year_lines(YEAR), step="import"), follow=True)
    assert f"{YEAR} 年工作日安排已导入" in done.content.decode()
    assert client_of("bureau-reviewer").get("/work/calendar/").status_code == 403
    law.install_notices([])


def test_settings_want_an_address_and_give_a_calendar(city: City, client_of: ClientOf) -> None:
    head = client_of("provider-approver")
    give(city, "秘密的事项名称", received=today())
    assert head.post("/work/settings/", {"rhythm": "daily"}).status_code == 400
    answer = head.post("/work/settings/", {"rhythm": "daily", "email": "chen@example.cn"}, follow=True)
    assert "设置已保存" in answer.content.decode()
    assert "chen@example.cn" in answer.content.decode()
    shown = head.post("/work/settings/calendar/").content.decode()
    path = shown.split("/calendar/")[1].split(".ics")[0]
    feed = Client().get(f"/calendar/{path}.ics")
    assert feed["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(feed.content).walk("VEVENT")
    assert "共享申请" in event["summary"]
    assert "秘密的事项名称" not in feed.content.decode()
    head.post("/work/settings/calendar/revoke/")
    assert Client().get(f"/calendar/{path}.ics").status_code == 404


def test_a_substitute_is_named_on_the_page(city: City, client_of: ClientOf) -> None:
    head = client_of("provider-approver")
    name = f"{city.provider.id}:{city.user('provider-approver').id}"
    form = {
        "absent": name,
        "substitute": f"{city.provider.id}:{city.user('provider-cataloguer').id}",
        "since": str(today()),
        "until": str(today() + timedelta(days=3)),
        "reason": "出差",
    }
    assert head.post("/work/substitutes/", form | {"until": "x"}).status_code == 400
    answer = head.post("/work/substitutes/", form, follow=True).content.decode()
    assert "陈编目 代 陈局长" in answer
    give(city, "局长的事", received=today())
    assert "局长的事" in text(client_of("provider-cataloguer"), "/work/")
    assert head.post("/work/substitutes/", form).status_code == 409
    end = answer.split("/work/substitutes/")[1:]
    path = next(part.split("/end/")[0] for part in end if "/end/" in part)
    assert head.post(f"/work/substitutes/{path}/end/").status_code == 302
    assert "局长的事" not in text(client_of("provider-cataloguer"), "/work/")


def test_the_administrator_is_told_that_no_mail_goes_out(city: City, client_of: ClientOf) -> None:
    mail = mailing.queue_mail(to="a@example.cn", subject="给李经办", text="不给管理员看的正文")
    admin = client_of("admin")
    shown = text(admin, "/work/mail/")
    assert "还没有配置邮件服务器" in shown
    assert "给李经办" in shown
    assert "不给管理员看的正文" not in shown
    assert admin.post(f"/work/mail/{mail.id}/retry/").status_code == 302
