"""The shell: who sees which places, what stands at the top of every page, and that a strict policy can stand."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

import shuqiao
from shuqiao.accounts.models import User
from shuqiao.accounts.types import Actor, Post, Role
from shuqiao.kernel import Problem
from shuqiao.kernel.decision import refuse
from shuqiao.kernel.ids import new_id
from shuqiao.organizations.models import Department, Division, Membership
from shuqiao.portal import shell

TEMPLATES = sorted((Path(shuqiao.__file__).parent).glob("*/templates/**/*.html"))
alone = pytest.mark.urls("shuqiao.portal.tests.urls")


@pytest.fixture
def wang(db) -> User:
    city = Division.objects.create(code="210800", name="营口市", short_name="营口", case_prefix="营")
    bureau = Department.objects.create(
        division=city,
        name="营口市人力资源和社会保障局",
        short_name="市人社局",
        credit_code="11210800MB1234567A",
    )
    user = User.objects.create_user("wang", "long-enough-1", name="王敏")
    Membership.objects.create(user=user, department=bureau, role=Role.APPROVER, since=date(2026, 1, 1))
    return user


@pytest.fixture
def signed_in(client: Client, wang: User) -> Client:
    client.force_login(wang)
    return client


@alone
def test_a_signed_in_person_sees_platform_name_post_places_and_the_way_out(signed_in):
    html = signed_in.get("/shell/work/").content.decode()
    assert "<span>营口市政务数据共享平台</span>" in html
    assert '王敏</span><span class="sq-who"> 市人社局 共享工作机构负责人</span>' in html
    assert f'<form method="post" action="{reverse("accounts:logout")}">' in html
    assert '<aside class="sq-side" aria-label="工作台">' in html
    assert "X-CSRFToken" in html


@alone
@pytest.mark.django_db
def test_a_stranger_sees_the_open_platform_and_the_way_in(client):
    html = client.get("/shell/open/").content.decode()
    assert "公共数据开放平台" in html
    assert f'href="{reverse("accounts:login")}"' in html
    assert "退出登录" not in html
    assert "X-CSRFToken" not in html
    assert not client.cookies


@alone
@pytest.mark.django_db
@pytest.mark.parametrize("sample", [True, False])
def test_sample_data_is_marked_on_every_page(client, settings, sample):
    settings.SAMPLE_CITY = sample
    for address in ("/shell/open/", "/shell/print/", "/account/login/", "/nothing/"):
        html = client.get(address).content.decode()
        assert ('class="sq-sample"' in html) is sample


@alone
@pytest.mark.django_db
def test_the_style_guide_is_for_sample_installations_only(client, settings):
    settings.SAMPLE_CITY = settings.DEBUG = False
    assert client.get("/styleguide/").status_code == 404
    settings.SAMPLE_CITY = True
    html = client.get("/styleguide/").content.decode()
    assert html.count("sq-ring ") > 10


@alone
@pytest.mark.django_db
def test_django_refuses_on_our_pages(client, settings):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "没有找到这一页" in response.content.decode()
    assert "代码 404" in response.content.decode()
    strict = Client(enforce_csrf_checks=True)
    settings.CSRF_FAILURE_VIEW = "shuqiao.portal.views.form_token_refused"
    response = strict.post(reverse("accounts:login"), {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "您没有这一步的权限" in response.content.decode()


@alone
@pytest.mark.django_db
def test_a_defect_shows_a_page_that_needs_nothing():
    client = Client(raise_request_exception=False)
    response = client.get("/fails/")
    assert response.status_code == 500
    assert "平台出错了" in response.content.decode()
    assert "ZeroDivisionError" not in response.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 500])
def test_every_error_page_renders_without_context(status):
    html = render_to_string(f"portal/errors/{status}.html")
    assert "<h1>" in html
    assert 'href="/"' in html


def test_an_error_page_shows_every_problem_or_the_whole_decision():
    problems = [Problem("目录!D17", "不能为空"), Problem("目录!H17", "须写明条件")]
    html = render_to_string("portal/errors/400.html", {"problems": problems, "message": "不能为空"})
    assert "有 2 处要改" in html
    decision = refuse("sharing.scope.not_wider", "超出所申请的范围")
    html = render_to_string("portal/errors/409.html", {"decision": decision, "message": "x"})
    assert "sharing.scope.not_wider" in html
    assert "超出所申请的范围" in html


@alone
@pytest.mark.django_db
def test_a_failed_login_says_so_above_the_fields(client):
    html = client.post(
        reverse("accounts:login"), {"username": "x", "password": "y", "next": "/work/"}
    ).content.decode()
    assert "账号或密码不正确" in html
    assert '<input type="hidden" name="next" value="/work/">' in html


def actor(role: Role) -> Actor:
    return Actor(new_id(), "某人", (Post(role, new_id(), "某局", "210800", frozenset({"210800"})),))


def labels_for(role: Role) -> set[str]:
    places = [*shell.WORK_NAV, *(place for group in shell.SIDE for place in group.places)]
    return {place.label for place in places if shell._may(actor(role), place)}


def test_places_follow_permissions():
    assert "共享申请" in labels_for(Role.APPROVER)
    assert "期限督办" not in labels_for(Role.APPROVER)
    assert "期限督办" in labels_for(Role.BUREAU_SUPERVISOR)
    assert "资源" not in labels_for(Role.SYSTEM_ADMIN)


def test_a_departments_catalogue_for_its_people_and_reviews_for_the_bureau():
    assert {"目录条目", "挂载资源"} <= labels_for(Role.CATALOGUER)
    assert not {"目录审核", "资源复核"} & labels_for(Role.CATALOGUER)
    assert {"目录审核", "资源复核"} <= labels_for(Role.BUREAU_REVIEWER)
    assert "目录条目" not in labels_for(Role.BUREAU_REVIEWER), (
        "the bureau's reviewer has no entries of a department"
    )


@pytest.mark.django_db
def test_an_error_page_leads_back_to_where_the_step_was_begun(signed_in):
    wrong = signed_in.get("/catalog/review/", headers={"referer": "http://testserver/catalog/?q=x"})
    assert wrong.status_code == 403
    assert 'href="/catalog/?q=x">返回上一页' in wrong.content.decode()
    for elsewhere in ("https://example.org/catalog/", ""):
        wrong = signed_in.get("/catalog/review/", headers={"referer": elsewhere})
        assert "返回上一页" not in wrong.content.decode()


def test_the_nearest_place_is_the_current_one():
    urls = ["/", "/work/", "/work/?late=1", "/catalog/"]
    assert shell._nearest("/work/done/", urls) == "/work/"
    assert shell._nearest("/work/?late=1", urls) == "/work/?late=1"
    assert shell._nearest("/", urls) == "/"
    assert shell._nearest("/receipts/", urls) == ""


def every_place() -> list[shell.Place]:
    groups = [*shell.SIDE, *shell.FOOT]
    return [*shell.WORK_NAV, *shell.OPEN_NAV, *(place for group in groups for place in group.places)]


@pytest.mark.parametrize("url_name", sorted({place.url_name for place in every_place()}))
def test_every_place_has_an_address(url_name):
    assert reverse(url_name)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_breaks_the_policy(path):
    """`default-src 'self'`: no style attribute, no script text, no handler attribute, nothing from elsewhere."""
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=(?!=)", text)
    assert not re.search(r"""hx-on|(src|href)=["'](https?:)?//""", text)
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_template_parses(path):
    Template(path.read_text(encoding="utf-8"))


def test_hidden_text_of_the_mark_is_not_read_out():
    assert 'aria-hidden="true"' in Template('{% include "portal/components/mark.html" %}').render(Context())
