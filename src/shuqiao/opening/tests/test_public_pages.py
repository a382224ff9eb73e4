"""The open platform for visitors and registered parties: registering, saying, own cases, abuse."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from shuqiao.catalog.models import Entry
from shuqiao.catalog.tests import factories as entries
from shuqiao.kernel.time import today
from shuqiao.opening.feedback import services
from shuqiao.opening.feedback.types import FeedbackKind
from shuqiao.opening.models import Feedback
from shuqiao.organizations.models import Division, Party
from shuqiao.organizations.tests.factories import PASSWORD, City, make_party
from shuqiao.procedures import owning
from shuqiao.procedures.models import Event, OutgoingMail, OwnCase

NEW = {
    "kind": "person",
    "name": "周公民",
    "email": "Zhou@Example.cn",
    "password": "correct-horse-battery",
    "again": "correct-horse-battery",
    "agree": "on",
}


@pytest.fixture
def entry(city: City) -> Entry:
    return entries.published(city, opening_type="unconditional", opening_method="download")


def link_in(mail: OutgoingMail) -> str:
    found = re.search(r"http://[^/]+(/\S+)", mail.text)
    assert found, mail.text
    return found.group(1)


@pytest.mark.article("shenyang-2020", "26")
def test_register_verify_log_in_change_and_close(city: City, client: Client) -> None:
    assert "个人信息处理告知" in client.get("/open/register/").content.decode()
    assert client.post("/open/register/", NEW)["Location"] == "/open/register/sent/"
    login = {"username": "zhou@example.cn", "password": NEW["password"]}
    assert client.post("/account/login/", login).status_code == 200  # not verified yet
    link = link_in(OutgoingMail.objects.get(to="zhou@example.cn"))
    assert client.get(link).status_code == 200
    assert Party.objects.get().email_verified_at is None, "looking at the link is not using it"
    assert client.post(link).status_code == 302
    assert client.post(link).status_code == 404
    assert client.post("/account/login/", login)["Location"] == "/work/"
    assert client.get("/work/")["Location"] == "/open/mine/"
    assert client.get("/open/mine/").status_code == 200
    assert client.post("/open/account/", {"name": "周新名"}).status_code == 302
    wrong = client.post("/open/account/email/", {"email": "n@example.cn", "password": "x"})
    assert wrong.status_code == 400
    client.post("/open/account/email/", {"email": "n@example.cn", "password": NEW["password"]})
    assert client.post(link_in(OutgoingMail.objects.get(to="n@example.cn"))).status_code == 302
    assert Party.objects.get().email == "n@example.cn"
    assert client.post("/open/account/close/", {"password": "x"}).status_code == 400
    assert client.post("/open/account/close/", {"password": NEW["password"]}).status_code == 302
    closed = Party.objects.get()
    assert (closed.name, closed.email) == ("已注销用户", "")
    assert client.get("/open/mine/").status_code == 302
    assert not OutgoingMail.objects.filter(to__in=["zhou@example.cn", "n@example.cn"]).exists()
    for event in Event.objects.filter(case_kind="party"):
        assert "周" not in event.actor_name + str(event.data)
        assert "zhou" not in str(event.data)


def test_the_answer_does_not_say_whether_an_address_is_known(city: City, client: Client) -> None:
    party = make_party(city)
    known = client.post("/open/register/", {**NEW, "email": party.email})
    unknown = client.post("/open/register/", {**NEW, "email": "nobody@example.cn"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "已经注册" in OutgoingMail.objects.filter(to=party.email).latest("queued_at").subject
    for address in ("/open/account/forgotten/", "/open/register/resend/"):
        answers = {client.post(address, {"email": e})["Location"] for e in (party.email, "x@example.cn")}
        assert answers == {"/open/register/sent/"}
    assert not OutgoingMail.objects.filter(to="x@example.cn").exists()
    reset = link_in(OutgoingMail.objects.filter(to=party.email).latest("queued_at"))
    assert client.post(reset, {"password": "another-long-word-1"}).status_code == 302
    login = {"username": party.email, "password": "another-long-word-1"}
    assert client.post("/account/login/", login).status_code == 302


def test_bad_registrations_name_every_field(city: City, client: Client) -> None:
    bad = {**NEW, "kind": "legal_person", "credit_code": "91210800123456789X", "again": "other", "agree": ""}
    answer = client.post("/open/register/", bad)
    assert answer.status_code == 400
    page = answer.content.decode()
    for words in ("校验位", "联系人", "两次输入的密码不一样"):
        assert words in page
    assert Party.objects.count() == 0
    client.post("/open/register/", {**NEW, "website": "http://spam"})
    assert Party.objects.count() == 0, "what a machine fills in is not kept"


def test_registrations_and_mail_are_limited(city: City, client: Client) -> None:
    answers = [client.post("/open/register/resend/", {"email": "v@example.cn"}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [400]


def correction(client: Client, entry: Entry, **changes: Any) -> Any:
    sent = {"text": "第三行的地址写错了门牌号", "once": str(uuid4()), "website": "", "contact": "", **changes}
    return client.post(f"/open/{entry.pk}/say/correction/", sent)


@pytest.mark.article("yingkou-2022", "23")
def test_anybody_corrects_and_follows_it_by_number_and_code(city: City, client: Client, entry: Entry) -> None:
    page = client.get(f"/open/{entry.pk}/say/correction/").content.decode()
    assert "5 个工作日内核实" in page
    assert correction(client, entry)["Location"] == "/open/feedback/received/"
    shown = client.get("/open/feedback/received/")
    assert shown["Cache-Control"] == "no-store"
    code = re.search(r"<code>([0-9A-Z-]{11})</code>", shown.content.decode())
    assert code
    assert code.group(1) not in client.get("/open/feedback/received/").content.decode(), "shown once"
    number = Feedback.objects.get().number
    course = Client().post("/open/cases/", {"number": number, "code": code.group(1)})
    assert course.status_code == 200
    assert "待办理" in course.content.decode()
    wrong = Client().post("/open/cases/", {"number": number, "code": "AAAAA-AAAAA"})
    nothing = Client().post("/open/cases/", {"number": "营数意〔2026〕9999号", "code": "AAAAA-AAAAA"})
    assert wrong.status_code == nothing.status_code == 404
    assert wrong.content == nothing.content, "no hint whether the number exists"


def test_lookups_are_limited(city: City, client: Client) -> None:
    answers = [
        client.post("/open/cases/", {"number": "营数意〔2026〕0001号", "code": f"AAAA{n}"}).status_code
        for n in range(22)
    ]
    assert answers == [404] * 20 + [400] * 2


def test_a_flood_from_one_address_is_stopped_and_machines_fill_traps(
    city: City, client: Client, entry: Entry
) -> None:
    assert correction(client, entry, website="http://spam").status_code == 302
    assert Feedback.objects.count() == 0
    answers = [correction(client, entry).status_code for _ in range(6)]
    assert answers == [302] * 4 + [400] * 2
    assert Feedback.objects.count() == 4


def test_comments_are_escaped_and_want_an_account(city: City, client: Client, entry: Entry) -> None:
    address = f"/open/{entry.pk}/say/comment/"
    assert "登录" in client.get(address).content.decode()
    sent = {"text": "<script>alert(1)</script>写得很清楚", "once": str(uuid4()), "website": ""}
    assert client.post(address, sent).status_code == 409
    make_party(city)
    client.force_login(city.user("citizen"))
    assert client.post(address, {**sent, "text": "看 http://spam.test"}).status_code == 400
    assert client.post(address, sent).status_code == 302
    comment = Feedback.objects.get()
    client.force_login(city.user("bureau-reviewer"))
    assert "<script>alert" not in client.get(f"/opening/feedback/{comment.pk}/").content.decode()
    done = client.post(f"/opening/feedback/{comment.pk}/step/", {"step": "publish"})
    assert done.status_code == 302
    page = Client().get(f"/open/{entry.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "周公民" not in page


def test_own_cases_and_nobody_elses(
    city: City, client: Client, entry: Entry, django_assert_max_num_queries: Any
) -> None:
    make_party(city)
    make_party(city, "organisation", "club")
    for index in range(6):
        words = services.Words(
            FeedbackKind.CORRECTION, f"第 {index} 行有误请核对", uuid4(), entry_id=entry.pk
        )
        services.say(actor=city.actor("citizen"), words=words, on=today())
    own = Feedback.objects.first()
    assert own is not None
    client.force_login(city.user("club"))
    assert own.number not in client.get("/open/mine/").content.decode()
    assert client.get(f"/opening/feedback/{own.pk}/").status_code == 404
    step = client.post(f"/opening/feedback/{own.pk}/step/", {"step": "withdraw"})
    assert step.status_code == 404
    client.force_login(city.user("citizen"))
    with django_assert_max_num_queries(16):
        page = client.get("/open/mine/").content.decode()
    assert own.number in page
    assert "sq-ring" in page
    assert client.get(f"/opening/feedback/{own.pk}/").status_code == 200
    assert client.post(f"/opening/feedback/{own.pk}/step/", {"step": "withdraw"}).status_code == 302
    refused = client.post("/open/account/close/", {"password": PASSWORD})
    assert refused.status_code == 409, "clocks are running"


def test_a_rating_from_the_page(city: City, client: Client, entry: Entry) -> None:
    address = f"/open/{entry.pk}/rate/"
    assert client.post(address, {"stars": "5"}).status_code == 302  # to the login
    make_party(city)
    client.force_login(city.user("citizen"))
    assert client.post(address, {"stars": "many"}).status_code == 400
    client.post(address, {"stars": "4"})
    assert "评分 4.0，1 人" in client.get(f"/open/{entry.pk}/").content.decode()


@pytest.mark.article("yingkou-2022", "4")
def test_a_demand_from_the_page(city: City, client: Client) -> None:
    sent = {
        "division": "210800",
        "title": "",
        "text": "做公交到站提醒需要",
        "once": str(uuid4()),
        "website": "",
    }
    assert client.post("/open/demand/", sent).status_code == 400
    assert client.post("/open/demand/", {**sent, "title": "公交站点"}).status_code == 302
    client.force_login(city.user("bureau-reviewer"))
    assert "公交站点" in client.get("/opening/feedback/?kind=demand").content.decode()
    assert OwnCase.objects.get().party_id is None


def test_a_demand_goes_where_there_is_a_bureau_and_to_no_city_by_default(city: City, client: Client) -> None:
    Division.objects.create(code="210000", name="某省", short_name="省", case_prefix="省")
    page = client.get("/open/demand/").content.decode()
    assert '<option value="" selected>请选择</option>' in page
    assert 'value="210882"' in page, "the county has its city's bureau"
    assert "某省" not in page
    assert "营口办法 第四条" in page


def test_a_new_code_takes_the_place_of_the_old_one(city: City, entry: Entry) -> None:
    words = services.Words(FeedbackKind.CORRECTION, "第三行的地址有误", uuid4(), entry_id=entry.pk)
    taken = services.say(actor=city.actor("stranger"), words=words, on=today())
    fresh = owning.own_case(case=taken.feedback.case(), party_id=None, on=today())
    assert owning.find_by_code(taken.feedback.number, fresh.replace("-", " "))
    with pytest.raises(Exception, match="没有找到"):
        owning.find_by_code(taken.feedback.number, taken.code)
