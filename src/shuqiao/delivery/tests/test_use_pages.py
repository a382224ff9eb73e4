"""The page of a grant's use and its REST."""

from __future__ import annotations

from django.urls import reverse

from shuqiao.delivery.models import UseReport
from shuqiao.delivery.tests.test_use import end

SAID = {"scenario": "窗口", "process": "逐户", "effect": "少跑", "storage": "不落地"}


def test_report_and_dispose_by_page(city, client_of, grant):
    page = reverse("delivery:use", args=[grant.id])
    client = client_of("consumer-cataloguer")
    assert "报告使用情况" in client.get(page).content.decode()
    empty = client.post(page + "report/", {"report-scenario": "窗口"})
    assert empty.status_code == 400
    assert empty.content.decode().count("必填") >= 3
    assert client.post(page + "report/", {f"report-{k}": v for k, v in SAID.items()}).status_code == 302
    for who in ("provider-security", "bureau-supervisor"):
        assert "不落地" in client_of(who).get(page).content.decode()
    end(city, grant)
    assert "待处置" in client.get(reverse("delivery:grant", args=[grant.id])).content.decode()
    gone = {"way": "deleted", "detail": "已清空", "done_by": "李开发", "done_on": "2026-11-20"}
    assert client.post(page + "dispose/", {f"dispose-{k}": v for k, v in gone.items()}).status_code == 302
    assert "数据已处置" in client.get(page).content.decode()


def test_what_may_not_be_done_says_why(client_of, grant):
    shown = client_of("provider-approver").get(f"/api/v1/delivery/grants/{grant.id}/use").json()
    steps = {one["name"]: one for one in shown["next"]}
    assert not steps["change"]["allowed"]
    assert steps["change"]["basis"][0]["article"] == "national-2025:27"
    assert steps["file"]["allowed"]
    assert "report" not in steps
    page = client_of("provider-approver").get(reverse("delivery:use", args=[grant.id])).content.decode()
    for one in steps.values():
        assert one["reason"] in page, "allowed or not, the page says why"
    assert "先协商、备案" in steps["file"]["reason"]


def test_rest_reports(client_of, grant):
    path = f"/api/v1/delivery/grants/{grant.id}/use/report"
    client = client_of("consumer-cataloguer")
    assert client.post(path, {}, content_type="application/json").status_code == 400
    assert client.post(path, SAID, content_type="application/json").json()["reports"][0]["effect"] == "少跑"
    assert UseReport.objects.count() == 1
    assert client_of("stranger").post(path, SAID, content_type="application/json").status_code == 404
