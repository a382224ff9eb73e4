"""The applicant's and the officer's pages, from the public list to the written reply."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
from django.urls import reverse
from docx import Document

from shuqiao.kernel.time import today
from shuqiao.opening.models import OpenApplication
from shuqiao.opening.replies import pdf
from shuqiao.opening.tests.opened import PLACES, opened, table_in
from shuqiao.organizations.tests.factories import make_party

UNTIL = today() + timedelta(days=200)


def url(name, *args):
    return reverse(f"opening:{name}", args=args)


def text_of(response) -> str:
    return response.content.decode()


def filled(**changes):
    return {
        "items": ["企业名称", "联系电话"],
        "purpose_kind": "general",
        "purpose": "做一张地图",
        "scenario": "网站",
        "safeguards": "自己的服务器",
        "valid_until": str(UNTIL),
    } | changes


@pytest.mark.article("yingkou-2022", "29")
@pytest.mark.article("shenyang-2020", "26")
@pytest.mark.article("dongchangfu-2020", "25")
@pytest.mark.parametrize("place", list(PLACES))
def test_a_citizen_and_an_officer_go_through_it_to_the_end(city, client_of, place):
    make_party(city)
    table = table_in(city, place)
    opened(city, table, place, on=today())
    citizen, officer = client_of("citizen"), client_of(PLACES[place][0])
    assert url("apply", table.entry_id) in text_of(citizen.get(url("entry", table.entry_id)))
    form = text_of(citizen.get(url("apply", table.entry_id)))
    assert "联系电话" in form
    kind = "innovation" if place == "dongchangfu" else "general"
    assert (f'value="{kind}"') in form
    wrong = citizen.post(url("apply", table.entry_id), {})
    assert wrong.status_code == 400
    made = citizen.post(
        url("apply", table.entry_id), filled(purpose_kind=kind, written_reply="1"), follow=True
    )
    case = OpenApplication.objects.get()
    assert "查询码" in text_of(made)
    assert case.number in text_of(made)
    assert case.title in text_of(officer.get(url("applications")))
    page = url("application", case.id)
    assert "同意并生成协议" in text_of(officer.get(page))
    asked = officer.post(url("application-ask-supplement", case.id), {"points": "说明网站\n说明期限"})
    assert asked.status_code == 302
    assert "说明网站" in text_of(citizen.get(page))
    assert "补正说明" in text_of(citizen.get(url("application-supplement", case.id)))
    done = citizen.post(
        url("application-supplement", case.id), filled(purpose_kind=kind, written_reply="1", note="已说明")
    )
    assert done.status_code == 302
    bad = officer.post(url("application-agree", case.id), {"items": ["企业名称"]})
    assert bad.status_code == 400
    yes = {"items": ["企业名称"], "valid_until": str(UNTIL), "follow_up_months": "6", "reason": "电话不必要"}
    assert officer.post(url("application-agree", case.id), yes).status_code == 302
    assert "公共数据开放利用协议" in text_of(citizen.get(page))
    for client in (citizen, officer):
        assert client.post(url("application-confirm", case.id)).status_code == 302
    shown = text_of(citizen.get(page))
    for words in ("已开放", "获取．", "下载 DOCX", "开发的产品"):
        assert words in shown
    told = {"usage": "做了地图", "products": "地图", "cited": "1"}
    assert citizen.post(url("application-report", case.id), told).status_code == 302
    assert "已查阅" in text_of(officer.get(page))
    assert officer.post(url("application-seen", case.id)).status_code == 302
    _files_say_the_same(citizen, officer, case)
    back = {"breach": "转售", "ground": "协议第五条"}
    assert officer.post(url("application-revoke", case.id), back).status_code == 302
    assert "已收回开放" in text_of(citizen.get(page))


def _files_say_the_same(citizen, officer, case):
    """Both may take the reply; both files carry number, parties, decision, reason, basis and day."""
    words = (case.number, "周公民", "同意开放", "电话不必要", "第二十")
    document = Document(BytesIO(officer.get(url("application-reply-docx", case.id)).content))
    written = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for word in (*words, "政务数据开放申请答复书", "（盖章）"):
        assert word in written, word
    if pdf.font() is None:
        pytest.skip("no Chinese font on this machine")
    answer = citizen.get(url("application-reply-pdf", case.id))
    assert answer["Content-Type"] == "application/pdf"
    found = pypdfium2.PdfDocument(answer.content)
    read = "".join(found[number].get_textpage().get_text_range() for number in range(len(found)))
    for word in words:
        assert word in read.replace("\r\n", ""), word
    found.close()


def test_a_no_and_a_withdrawal_on_the_pages(city, client_of):
    make_party(city)
    table = table_in(city)
    opened(city, table, on=today())
    citizen, officer = client_of("citizen"), client_of("provider-approver")
    for _ in range(2):
        assert citizen.post(url("apply", table.entry_id), filled()).status_code == 302
    first, second = OpenApplication.objects.order_by("number")
    refused = officer.post(url("application-refuse", first.id), {"reason": "", "ground": ""})
    assert refused.status_code == 409
    said = {"reason": "涉及商业秘密", "ground": "反不正当竞争法 第九条"}
    assert officer.post(url("application-refuse", first.id), said).status_code == 302
    shown = text_of(citizen.get(url("application", first.id)))
    assert "反不正当竞争法" in shown
    assert "营口办法 第二十九条" in shown
    assert citizen.get(url("application-reply-docx", first.id)).status_code == 404
    assert citizen.post(url("application-reply", first.id)).status_code == 302
    assert citizen.get(url("application-reply-docx", first.id)).status_code == 200
    assert citizen.post(url("application-withdraw", second.id), {"reason": "不用了"}).status_code == 302
    assert officer.get(url("application-supplement", second.id)).status_code == 403


def test_what_cannot_be_applied_for_says_why(city, client_of):
    make_party(city)
    citizen = client_of("citizen")
    unreviewed = table_in(city)
    assert "还没有通过开放前的审查" in text_of(citizen.get(url("apply", unreviewed.entry_id)))
    assert client_of("stranger").get(url("apply", unreviewed.entry_id)).status_code == 403


def test_a_competition_is_recorded_on_its_page(city, client_of):
    make_party(city, "legal_person", "firm")
    table = table_in(city, "dongchangfu")
    officer = client_of("dongchangfu-approver")
    assert "登记结果" in text_of(officer.get(url("competitions")))
    assert officer.post(url("competitions"), {}).status_code == 400
    given = {
        "entry": str(table.entry_id), "number": "东招1", "method": "公开招标", "held_on": str(today()),
        "winner": "nobody@example.cn",
    }  # fmt: skip
    assert officer.post(url("competitions"), given).status_code == 400
    assert officer.post(url("competitions"), {**given, "winner": "firm@example.cn"}).status_code == 302
    assert "东招1" in text_of(officer.get(url("competitions")))
