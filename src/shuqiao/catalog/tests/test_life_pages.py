"""Pages of duties, campaigns, themes and late data: what is on them, what they lead to, what they refuse."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shuqiao.catalog import services
from shuqiao.catalog.life.rules import quarter_of
from shuqiao.catalog.models import Campaign, Entry, ThemeCatalogue, UpdateDuty
from shuqiao.catalog.tests.factories import published
from shuqiao.catalog.tests.test_duties import duty_of
from shuqiao.kernel.time import today

PC, PA, BR = "provider-cataloguer", "provider-approver", "bureau-reviewer"


def text(answer) -> str:
    return answer.content.decode()


def test_a_duty_from_its_recording_to_its_confirmation(client_of, city):
    entry = published(city, on=today())
    bureau, department = client_of(BR), client_of(PC)
    form = {
        "departments": [str(city.provider.id)], "trigger": "law", "what": "条例修改", "basis": "",
        "changed_on": today().isoformat(),
    }  # fmt: skip
    found = text(bureau.post(reverse("catalog:new-duty"), form | {"find": "1", "words": "企业"}))
    assert "企业登记信息" in found
    assert "条例修改" in found  # what was written is kept while looking
    made = bureau.post(reverse("catalog:new-duty"), form | {"entry": [str(entry.id)]})
    duty = UpdateDuty.objects.get()
    assert made.url == reverse("catalog:duty", args=[duty.id])
    page = text(department.get(made.url))
    for word in ("去修订", "报告主管部门", "营口办法 第十五条", "提请延长"):
        assert word in page
    assert department.post(reverse("catalog:duty-report", args=[duty.id]), {"report": "x"}).status_code == 409
    department.post(
        reverse("catalog:duty-unchanged", args=[duty.id]), {"entry": [str(entry.id)], "note": "不涉及"}
    )
    department.post(reverse("catalog:duty-report", args=[duty.id]), {"report": "均不涉及"})
    assert "确认已更新" in text(bureau.get(made.url))
    bureau.post(reverse("catalog:duty-confirm", args=[duty.id]))
    assert "已完成" in text(department.get(reverse("catalog:duties")))


def test_an_empty_duty_form_names_every_field(client_of, city):
    answer = client_of(BR).post(reverse("catalog:new-duty"), {})
    assert answer.status_code == 400
    for label in ("所涉部门", "缘由", "变化情况", "变化之日"):
        assert label in text(answer)


def test_the_duty_list_takes_no_more_queries_for_more_duties(client_of, city):
    client, counts = client_of(BR), []
    for number in range(3):
        for _ in range(number + 1):
            duty_of(city, on=today())
        client.get(reverse("catalog:duties"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("catalog:duties"))
        counts.append(len(asked))
    assert counts[0] == counts[2]
    duty_of(city, on=today() - timedelta(days=60))
    assert "已逾期 1" in text(client.get(reverse("catalog:duties"), {"status": "overdue"}))


def test_a_campaign_is_opened_confirmed_and_closed(client_of, city):
    published(city, on=today())
    published(city, on=today(), title="另一个")
    bureau, department = client_of(BR), client_of(PC)
    assert "还没有维护记录" in text(department.get(reverse("catalog:campaigns")))
    bureau.post(reverse("catalog:campaigns"), {"division": "210800", "quarter": quarter_of(today())})
    campaign = Campaign.objects.get()
    address = reverse("catalog:campaign", args=[campaign.id])
    assert "确认所选无变化" in text(department.get(address))
    confirm = reverse("catalog:campaign-confirm", args=[campaign.id])
    assert department.post(confirm, {"which": "chosen"}).status_code == 400
    department.post(confirm, {"which": "all", "q": "另一个"})
    page = text(bureau.get(address))
    assert "营口市市场监督管理局" in page
    assert "结束本季度维护" in page
    bureau.post(reverse("catalog:campaign-close", args=[campaign.id]))
    assert "已结束" in text(department.get(address))
    assert Campaign.objects.get().summary["totals"]["pending"] == 1


def test_a_theme_is_made_filled_signed_and_established(client_of, city):
    entry = published(city, on=today())
    cataloguer = client_of(PC)
    assert cataloguer.post(reverse("catalog:themes"), {}).status_code == 400
    cataloguer.post(
        reverse("catalog:themes"),
        {"department": str(city.provider.id), "name": "信用主题", "purpose": "监管"},
    )
    theme = ThemeCatalogue.objects.get()
    address = reverse("catalog:theme", args=[theme.id])
    assert "加入所选" in text(cataloguer.get(address, {"q": "企业"}))
    cataloguer.post(reverse("catalog:theme-members", args=[theme.id]), {"add": [str(entry.id)]})
    assert "签署并报送" in text(client_of(PA).get(address))
    client_of(PA).post(reverse("catalog:theme-submit", args=[theme.id]))
    assert "通过并设立" in text(client_of(BR).get(address))
    client_of(BR).post(reverse("catalog:theme-establish", args=[theme.id]))
    assert "信用主题" in text(client_of("stranger").get(reverse("catalog:themes")))
    assert "信用主题" in text(client_of("stranger").get(reverse("catalog:entry", args=[entry.id])))


def test_late_data_is_listed_for_its_department_and_the_bureau_and_shown_on_the_entry(client_of, city):
    entry = published(city, on=today() - timedelta(days=10), update_cycle="weekly")
    services.note_data(entry_id=entry.id, on=today() - timedelta(days=10), rows=7)
    for who, seen in ((PC, True), (BR, True), ("stranger", False)):
        assert ("逾期 3 天" in text(client_of(who).get(reverse("catalog:stale")))) is seen
    assert "逾期未更新" in text(client_of("stranger").get(reverse("catalog:entry", args=[entry.id])))
    services.note_data(entry_id=entry.id, on=today(), rows=7)
    assert "按期更新" in text(client_of("stranger").get(reverse("catalog:entry", args=[entry.id])))
    assert Entry.objects.get().data_rows == 7
