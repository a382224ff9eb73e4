"""Pages of sharing requests."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from shuqiao.delivery.models import Grant
from shuqiao.kernel.time import today
from shuqiao.procedures.models import Term
from shuqiao.sharing.models import SharingRequest
from shuqiao.sharing.tests.conftest import table_of
from shuqiao.sharing.types import Status


def url(name, *args):
    return reverse(f"sharing:{name}", args=args)


def text_of(response) -> str:
    return unescape(response.content.decode())


def filled(city, **changes):
    """The request form as a person fills it."""
    values = {
        "department": str(city.consumer.id),
        "level-统一社会信用代码": "full",
        "level-企业名称": "full",
        "level-联系电话": "mask",
        "where-column": ["地区", ""],
        "where-op": ["in", "eq"],
        "where-value": ["营口、大石桥", ""],
        "purpose": "社会保险费核定",
        "scenario": "窗口逐户核对",
        "legal_basis": "社会保险法 第五十七条",
        "legal_basis_level": "law",
        "modes": ["interface"],
        "valid_until": str(today() + timedelta(days=300)),
        "daily_quota": "2000",
    }
    return values | changes


@pytest.fixture
def live(submitted):
    """A request submitted today, as the pages see it."""
    return submitted(on=today(), valid_until=today() + timedelta(days=300))


def test_from_the_entry_to_a_signed_request(city, table, client_of):
    clerk, head = client_of("consumer-cataloguer"), client_of("consumer-approver")
    way = text_of(clerk.get(url("of-entry", table.entry_id)))
    assert "营口办法 5 个工作日，严于政务数据共享条例 10 个工作日，取最严" in way
    assert url("new", table.entry_id) in way
    form = text_of(clerk.get(url("new", table.entry_id)))
    for part in ("统一社会信用代码", "含个人信息", "取最严", "再加一个条件", 'name="level-企业名称"'):
        assert part in form, part
    assert "签署并即时开通" not in form
    made = clerk.post(url("new", table.entry_id), filled(city))
    request = SharingRequest.objects.get()
    assert made["Location"] == url("request", request.id)
    assert request.where == [{"column": "地区", "op": "in", "values": ["营口", "大石桥"]}]
    assert request.scope().masks() == {
        "统一社会信用代码": "none",
        "企业名称": "none",
        "联系电话": "keep_ends",
    }
    page = text_of(clerk.get(url("request", request.id)))
    assert "修改草稿" in page
    assert "签署并提出申请" not in page
    assert "签署并提出申请" in text_of(head.get(url("request", request.id)))
    assert clerk.post(url("submit", request.id)).status_code == 403
    assert head.post(url("submit", request.id)).status_code == 302
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED
    page = text_of(head.get(url("request", request.id)))
    for part in (
        request.number,
        "取最严",
        "适用",
        "外限",
        "<i>地区</i> 属于营口、大石桥",
        "最后答复日",
        "撤回申请",
    ):
        assert part in page, part


def test_a_form_with_errors_names_each_and_keeps_the_rest(city, table, client_of):
    clerk = client_of("consumer-cataloguer")
    wrong = clerk.post(
        url("new", table.entry_id), filled(city, valid_until="某天", daily_quota="0", legal_basis_level="x")
    )
    assert wrong.status_code == 400
    text = text_of(wrong)
    for part in ("使用时限", "每日限额", "依据层级", "社会保险费核定", "营口、大石桥"):
        assert part in text, part
    bad_row = clerk.post(
        url("new", table.entry_id), filled(city, **{"where-op": ["between", "eq"], "where-value": ["1", ""]})
    )
    assert bad_row.status_code == 400
    assert "介于要写两个值" in text_of(bad_row)
    assert not SharingRequest.objects.exists()


def test_a_draft_says_what_is_missing_before_it_is_signed(city, table, client_of):
    client_of("consumer-cataloguer").post(url("new", table.entry_id), filled(city, purpose="", modes=[]))
    request = SharingRequest.objects.get()
    head = client_of("consumer-approver")
    page = text_of(head.get(url("request", request.id)))
    assert "还不能提出" in page
    assert "申请还缺：用途、共享方式" in page
    refused = head.post(url("submit", request.id))
    assert refused.status_code == 409
    assert "sharing.request.content" in text_of(refused)
    edited = client_of("consumer-cataloguer").get(url("edit", request.id))
    assert "窗口逐户核对" in text_of(edited)
    assert client_of("consumer-cataloguer").post(url("edit", request.id), filled(city)).status_code == 302
    assert head.post(url("submit", request.id)).status_code == 302


def test_the_builder_and_the_preview_show_no_value(city, table, client_of):
    clerk = client_of("consumer-cataloguer")
    row = text_of(clerk.get(url("condition-row", table.entry_id)))
    assert 'name="where-column"' in row
    shown = text_of(clerk.post(url("preview", table.entry_id), filled(city)))
    assert "首尾可见，中间为 *" in shown
    assert "<i>地区</i> 属于营口、大石桥" in shown
    assert (
        client_of("consumer-developer").post(url("preview", table.entry_id), filled(city)).status_code == 403
    )


def test_unconditional_data_in_one_step(city, client_of):
    table = table_of(city.provider, sharing="unconditional")
    head = client_of("consumer-approver")
    assert "直接使用" in text_of(head.get(url("of-entry", table.entry_id)))
    assert "签署并即时开通" in text_of(head.get(url("new", table.entry_id)))
    assert "签署并即时开通" not in text_of(client_of("consumer-cataloguer").get(url("new", table.entry_id)))
    done = head.post(url("use", table.entry_id), filled(city))
    request = SharingRequest.objects.get()
    assert done["Location"] == url("request", request.id)
    grant = Grant.objects.get()
    page = text_of(head.get(url("request", request.id)))
    assert grant.number in page
    assert "已同意" in page
    assert head.get(grant.get_absolute_url()).status_code == 200


@pytest.mark.article("yingkou-2022", "17")
def test_what_is_not_shared_says_why(city, client_of):
    table = table_of(city.provider, sharing="none", sharing_reason="原始调查资料")
    clerk = client_of("consumer-cataloguer")
    way = text_of(clerk.get(url("of-entry", table.entry_id)))
    for part in ("不予共享", "统计法 第二十五条", "原始调查资料"):
        assert part in way, part
    assert url("new", table.entry_id) not in way
    refused = clerk.post(url("new", table.entry_id), filled(city))
    assert refused.status_code == 409
    assert "统计法 第二十五条" in text_of(refused)


def test_the_answer_page_and_a_narrower_yes(city, live, client_of):
    head = client_of("provider-approver")
    page = text_of(head.get(url("answer", live.id)))
    for part in (
        "申请说了什么",
        "拟给予",
        "签署后会发生什么",
        "20 个工作日",
        "签署并同意",
        "签署不同意",
        "一次性告知补正",
        "最多 10 个工作日",
        "须为法律、行政法规、国务院决定",
        'aria-label="联系电话：掩码（申请）"',
    ):
        assert part in page, part
    assert 'aria-label="联系电话：全部' not in page  # a mask can only be laid on, never taken off
    assert 'aria-label="地区：全部' not in page  # not asked for, so not to be given
    given = {
        "level-统一社会信用代码": "full",
        "level-企业名称": "none",
        "level-联系电话": "none",
        "where-column": ["地区", "企业名称"],
        "where-op": ["eq", "startswith"],
        "where-value": ["营口", "营口"],
        "modes": ["interface"],
        "valid_until": str(live.valid_until),
        "daily_quota": "500",
        "rate_per_minute": "60",
        "reason": "核定只需代码",
    }
    wrong = head.post(url("approve", live.id), given | {"valid_until": "某天"})
    assert wrong.status_code == 400
    assert "核定只需代码" in text_of(wrong)
    wider = head.post(url("approve", live.id), given | {"where-column": ["", ""]})
    assert wider.status_code == 409
    assert "去掉了申请里的行条件" in text_of(wider)
    assert head.post(url("approve", live.id), given).status_code == 302
    grant = Grant.objects.get()
    assert grant.columns == [{"name": "统一社会信用代码", "mask": "none"}]
    assert len(grant.where) == 2
    assert (grant.daily_quota, grant.rate_per_minute) == (500, 60)
    page = text_of(client_of("consumer-approver").get(url("request", live.id)))
    for part in ("已部分同意", "核定只需代码", grant.number):
        assert part in page, part


@pytest.mark.article("yingkou-2022", "20")
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"refuse_reason": "不便提供"},
        {"refuse_reason": "不便提供", "refuse_basis": "某法 第一条"},
        {"refuse_reason": "不便提供", "refuse_basis": "某法 第一条", "refuse_level": "nonsense"},
        {"refuse_reason": "不便提供", "refuse_basis": "某规章 第一条", "refuse_level": "rule"},
    ],
)
def test_the_page_makes_no_refusal_without_sufficient_basis(live, client_of, sent):
    refused = client_of("provider-approver").post(url("refuse", live.id), sent)
    assert refused.status_code == 409
    assert "sharing.refusal.basis" in text_of(refused)
    live.refresh_from_db()
    assert live.status == Status.SUBMITTED


def test_a_refusal_with_basis_is_shown_with_it(live, client_of):
    sent = {"refuse_reason": "超出履职所需", "refuse_basis": "个人信息保护法 第六条", "refuse_level": "law"}
    assert client_of("provider-approver").post(url("refuse", live.id), sent).status_code == 302
    page = text_of(client_of("consumer-approver").get(url("request", live.id)))
    for part in ("不同意共享", "超出履职所需", "个人信息保护法 第六条", "（法律）", "营口办法 第二十条"):
        assert part in page, part


def test_asking_once_and_supplementing_by_page(city, live, client_of):
    provider, consumer = client_of("provider-approver"), client_of("consumer-approver")
    assert provider.post(url("ask-supplement", live.id), {"points": ""}).status_code == 409
    sent = {"points": "写明窗口\n缩短时限"}
    assert provider.post(url("ask-supplement", live.id), sent).status_code == 302
    page = text_of(consumer.get(url("request", live.id)))
    assert "缩短时限" in page
    assert "停" in page
    assert "写明窗口" in text_of(consumer.get(url("supplement", live.id)))
    assert consumer.post(url("supplement", live.id), filled(city)).status_code == 400
    done = consumer.post(url("supplement", live.id), filled(city, scenario="三号窗口", note="已写明"))
    assert done.status_code == 302
    live.refresh_from_db()
    assert (live.status, live.scenario) == (Status.SUBMITTED, "三号窗口")
    assert "告知补正</button>" not in text_of(provider.get(url("answer", live.id)))  # once only


def test_more_time_by_page(live, client_of):
    provider, bureau = client_of("provider-approver"), client_of("bureau-reviewer")
    wrong = provider.post(url("ask-extension", live.id), {"extend_days": "x", "extend_reason": "忙"})
    assert wrong.status_code == 409
    sent = {"extend_days": "3", "extend_reason": "资料在档案馆"}
    assert provider.post(url("ask-extension", live.id), sent).status_code == 302
    assert live.number in text_of(bureau.get(url("list") + "?tab=consent"))
    assert "资料在档案馆" in text_of(bureau.get(url("request", live.id)))
    assert bureau.post(url("deny", live.id), {}).status_code == 400
    before = Term.objects.get(case_id=live.id).due_on
    assert bureau.post(url("consent", live.id), {"note": "同意"}).status_code == 302
    assert Term.objects.get(case_id=live.id).due_on > before
    assert "已同意延长" in text_of(client_of("consumer-approver").get(url("request", live.id)))


def test_shenyang_warns_before_it_refuses(city, client_of):
    table = table_of(city.shenyang_provider)
    page = text_of(client_of("consumer-cataloguer").get(url("new", table.entry_id)))
    assert "写明转交第三方的申请不能提出" in page
    assert "沈阳条例 第二十三条" in page


def test_withdraw_and_visibility_by_page(live, client_of):
    assert client_of("stranger").get(url("request", live.id)).status_code == 404
    assert client_of("provider-cataloguer").get(url("answer", live.id)).status_code == 403
    assert client_of("provider-approver").post(url("withdraw", live.id), {"reason": "x"}).status_code == 403
    assert (
        client_of("consumer-approver").post(url("withdraw", live.id), {"reason": "不再需要"}).status_code
        == 302
    )
    assert "已撤回" in text_of(client_of("provider-approver").get(url("request", live.id)))


def test_the_list_does_not_ask_per_line(submitted, client_of, django_assert_max_num_queries):
    for _ in range(6):
        submitted(on=today(), valid_until=today() + timedelta(days=300))
    client = client_of("provider-approver")
    with django_assert_max_num_queries(15):
        page = text_of(client.get(url("list") + "?tab=of_us"))
    assert page.count("营数享") == 6
    assert page.count("sq-ring--") >= 6


def test_pages_carry_no_inline_script_or_style(city, live, table, client_of):
    head = client_of("provider-approver")
    for page in (
        head.get(url("answer", live.id)),
        head.get(url("request", live.id)),
        client_of("consumer-cataloguer").get(url("new", table.entry_id)),
    ):
        text = text_of(page)
        for inline in (" style=", " onclick=", "<script>"):
            assert inline not in text


def test_own_data_is_not_asked_for(city, table, client_of):
    assert "这是本部门的数据" in text_of(
        client_of("provider-cataloguer").get(url("of-entry", table.entry_id))
    )
    own = filled(city, department=str(city.provider.id))
    assert client_of("provider-cataloguer").post(url("new", table.entry_id), own).status_code == 409


def test_lists_of_every_tab(live, client_of):
    for tab in ("all", "by_us", "of_us", "consent", "nonsense"):
        assert client_of("consumer-approver").get(url("list") + f"?tab={tab}").status_code == 200
