"""Pages of the review, and the public lists."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.urls import reverse

from shuqiao.kernel.time import today
from shuqiao.opening.models import OpeningReview
from shuqiao.opening.tests.opened import opened, table_in
from shuqiao.organizations.models import DivisionPack


def url(name, *args):
    return reverse(f"opening:{name}", args=args)


def text_of(response) -> str:
    return response.content.decode()


FILLED = {
    **{f"treatment-{name}": "keep" for name in ("统一社会信用代码", "企业名称", "地区", "成立日期")},
    "treatment-联系电话": "mask",
    "mask-联系电话": "keep_ends",
    "licence": "open-attribution",
    "domain": ["credit", "enterprise"],
    "secrecy_checked": "1",
    "personal_checked": "1",
}


@pytest.mark.article("yingkou-2022", "28")
def test_from_the_resource_to_the_open_platform(city, client_of, client):
    table = table_in(city, opening="unconditional")
    provider, bureau = client_of("provider-cataloguer"), client_of("bureau-reviewer")
    assert provider.post(url("review-begin", table.id)).status_code == 302
    review = OpeningReview.objects.get()
    page = url("review", review.id)
    shown = text_of(provider.get(page))
    assert "电话号码" in shown
    assert "提交主管部门审查" in shown
    blocked = provider.post(url("review-submit", review.id), {**FILLED, "treatment-联系电话": "keep"})
    assert blocked.status_code == 409
    assert "联系电话" in text_of(blocked)
    assert provider.post(url("review-submit", review.id), FILLED).status_code == 302
    assert "审查通过并开放" in text_of(bureau.get(page))
    assert bureau.post(url("review-return", review.id), {"reason": "再核对"}).status_code == 302
    assert "再核对" in text_of(provider.get(page))
    assert provider.post(url("review-submit", review.id), FILLED).status_code == 302
    assert bureau.post(url("review-pass", review.id)).status_code == 302
    assert "已开放" in text_of(bureau.get(url("reviews")))
    listed = text_of(client.get(url("open-list", "unconditional")))
    assert "企业登记信息" in listed
    assert "署名利用许可" in listed
    assert bureau.post(url("review-stop", review.id), {"reason": "停", "ground": "某法"}).status_code == 302
    assert "已停止开放" in text_of(provider.get(page))


def test_a_review_is_cancelled_on_its_page(city, client_of):
    table = table_in(city, opening="unconditional")
    provider = client_of("provider-cataloguer")
    provider.post(url("review-begin", table.id))
    review = OpeningReview.objects.get()
    assert provider.post(url("review-cancel", review.id), {"reason": "不开放了"}).status_code == 302
    assert "已取消" in text_of(provider.get(url("review", review.id)))


@pytest.mark.article("dongchangfu-2020", "23")
@pytest.mark.article("yingkou-2022", "31")
@pytest.mark.article("shenyang-2020", "28")
def test_two_lists_and_the_priority_domains_with_filters_and_csv(city, client):
    at_once = table_in(city, opening="unconditional", title="企业名单")
    asked = table_in(city, "dongchangfu", title="=企业年报")
    table_in(city, opening="unconditional", title="没有审查的")
    opened(city, at_once, on=today())
    opened(city, asked, "dongchangfu", on=today(), domains=("enterprise",))
    first = text_of(client.get(url("open-list", "unconditional")))
    assert "企业名单" in first
    assert "企业年报" not in first
    assert "没有审查的" in first
    assert "数据待提供" in first
    assert "企业年报" in text_of(client.get(url("open-list", "conditional")))
    assert "企业年报" not in text_of(client.get(url("open-list", "conditional"), {"division": "210800"}))
    priority = text_of(client.get(url("priority")))
    assert "企业名单" in priority
    assert "企业年报" in priority
    assert "没有审查的" not in priority
    narrowed = text_of(client.get(url("priority"), {"domain": "enterprise"}))
    assert "企业年报" in narrowed
    assert "企业名单" not in narrowed
    answer = client.get(url("priority-csv"), {"domain": "enterprise"})
    rows = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode().lstrip("\ufeff"))))
    assert rows[0][:3] == ["目录代码", "名称", "提供部门"]
    assert [row[1] for row in rows[1:]] == ["'=企业年报"], "a spreadsheet program calculates nothing"
    whole = b"".join(client.get(url("open-list-csv", "unconditional")).streaming_content).decode()
    assert whole.count("\r\n") == 3
    assert client.get(url("open-list", "closed")).status_code == 404


def test_the_lists_rest_on_the_articles_of_the_packs_in_use(city, client):
    page = text_of(client.get(url("open-list", "unconditional")))
    assert "东昌府办法 第二十三条" in page
    assert "营口办法 第二十九条" in page
    assert "营口办法 第三十一条" in text_of(client.get(url("priority")))
    DivisionPack.objects.exclude(pack_id="dongchangfu-2020").delete()
    assert "营口办法" not in text_of(client.get(url("open-list", "unconditional")))
    assert "沈阳条例" not in text_of(client.get(url("priority")))


def test_lists_ask_a_bounded_number_of_questions(city, client, django_assert_max_num_queries):
    for number in range(6):
        opened(city, table_in(city, opening="unconditional", title=f"表{number}"), on=today())
    for address in (url("open-list", "unconditional"), url("priority")):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200
