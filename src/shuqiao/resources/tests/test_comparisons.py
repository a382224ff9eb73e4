"""The difference of two versions: asked for, computed by the worker, read, taken away; nothing personal in it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.kernel.time import now
from shuqiao.organizations.tests.factories import City
from shuqiao.resources import comparisons, jobs, services
from shuqiao.resources.models import Comparison, Version
from shuqiao.resources.tests import factories
from shuqiao.resources.types import ComparisonState

pytestmark = pytest.mark.django_db
OLD = "代码,名称,联系手机\n" + "".join(f"{n:03},甲{n},138001380{n:02}\n" for n in range(90))
NEW = (
    "代码,名称,联系手机\n"
    + "".join(f"{n:03},乙{n},138001381{n:02}\n" for n in range(60))
    + "".join(f"{n:03},甲{n},138001380{n:02}\n" for n in range(60, 80))
    + "900,=新,13900139000\n"
)


@pytest.fixture
def pair(city: City, tmp_path, home) -> tuple[Version, Version]:
    resource = factories.mount(city)
    old = factories.publish(city, factories.upload_text(city, resource, OLD, tmp_path))
    new = factories.build(city, factories.upload_text(city, resource, NEW, tmp_path))
    return old, new


def ask(city: City, old: Version, new: Version, *key: str, who: str = "provider-cataloguer") -> Comparison:
    return services.ask_comparison(
        actor=city.actor(who), old_id=old.id, new_id=new.id, key=key or ("代码",), at=now()
    )


def test_from_the_page_to_the_files(city: City, client_of, pair):
    old, new = pair
    provider = client_of("provider-cataloguer")
    page = provider.get(new.get_absolute_url()).content.decode()
    assert "与其他版本对照" in page
    sent = provider.post(reverse("resources:compare", args=[new.id]), {"old": old.id, "key": "代码"})
    found = Comparison.objects.get()
    assert sent.url == found.get_absolute_url()
    assert "正在对照" in provider.get(sent.url).content.decode()
    state = reverse("resources:comparison-state", args=[found.id])
    assert "HX-Refresh" not in provider.get(state).headers
    assert provider.get(reverse("resources:comparison-csv", args=[found.id])).status_code == 404
    assert jobs.compare_versions(now()) == 1
    assert provider.get(state).headers["HX-Refresh"] == "true"
    found.refresh_from_db()
    counted = {name: found.counts[name] for name in ("added", "removed", "changed", "unchanged")}
    assert counted == {"added": 1, "removed": 10, "changed": 60, "unchanged": 20}
    text = provider.get(sent.url).content.decode()
    assert "第 1 / 2 页" in text
    assert "甲0</td><td>乙0" in text
    second = provider.get(sent.url, {"kind": "changed", "page": "2"}).content.decode()
    assert "乙59" in second
    assert "甲0<" not in second
    for odd in (
        {"page": "９９"},
        {"page": "-1"},
        {"kind": "x"},
        {"page": "99999999999"},
        {"kind": "removed"},
    ):
        assert provider.get(sent.url, odd).status_code == 200

    table = provider.get(reverse("resources:comparison-csv", args=[found.id]))
    lines = b"".join(table.streaming_content).decode("utf-8-sig").split("\r\n")
    assert lines[0] == "变化,代码,列,原值,新值"
    assert "新增,900,名称,,'=新" in lines  # a spreadsheet program must not compute it
    assert len(lines) - 2 == 60 * 2 + (1 + 10) * 2
    raw = b"".join(provider.get(reverse("resources:comparison-ndjson", args=[found.id])).streaming_content)
    assert len([json.loads(line) for line in raw.splitlines()]) == 71


def test_nothing_personal_is_written(city: City, pair):
    found = ask(city, *pair)
    jobs.compare_versions(now())
    folder = comparisons.folder_of(found.id)
    written = "".join(path.read_text() for path in folder.glob("*.ndjson"))
    assert "13800138" not in written
    assert "138****8000" in written


def test_only_who_manages_the_table_sees_it(city: City, client_of, pair):
    found = ask(city, *pair)
    jobs.compare_versions(now())
    for who, status in (("stranger", 404), ("consumer-cataloguer", 404), ("provider-security", 200)):
        assert client_of(who).get(found.get_absolute_url()).status_code == status
    with pytest.raises(NotFound):
        ask(city, *pair, who="stranger")


def test_what_cannot_be_compared_is_said(city: City, client_of, pair, tmp_path):
    old, new = pair
    with pytest.raises(InvalidInput, match="另一个版本"):
        ask(city, old, old)
    with pytest.raises(InvalidInput, match="没有的列"):
        ask(city, old, new, "没有的列")
    other = factories.build(
        city, factories.upload_text(city, factories.mount(city, name="另一张"), OLD, tmp_path)
    )
    with pytest.raises(InvalidInput, match="同一资源"):
        ask(city, other, new)
    provider = client_of("provider-cataloguer")
    for data in ({}, {"old": "x"}, {"old": old.id}):
        assert provider.post(reverse("resources:compare", args=[new.id]), data).status_code == 400
    assert not Comparison.objects.exists()


def test_the_same_question_is_computed_once_and_forgotten_after_a_month(city: City, pair):
    first = ask(city, *pair)
    assert ask(city, *pair).id == first.id
    assert jobs.compare_versions(now()) == 1
    assert jobs.compare_versions(now()) == 0
    assert services.forget_comparisons(now=now() + timedelta(days=29)) == []
    assert services.forget_comparisons(now=now() + timedelta(days=31)) == [first.id]
    comparisons.remove(first.id)
    assert not comparisons.folder_of(first.id).exists()


def test_a_lost_claim_writes_nothing_and_a_dead_worker_is_replaced(city: City, pair):
    found = ask(city, *pair)
    claim = services.claim_comparison(worker="dead", now=now())
    assert services.claim_comparison(worker="other", now=now()) is None
    later = now() + timedelta(minutes=5)
    second = services.claim_comparison(worker="other", now=later)
    assert second is not None
    with pytest.raises(services.LostClaim):
        services.finish_comparison(claim=claim, counts={}, columns={})
    counts, columns = comparisons.compute(second.wanted, lambda lines: None)
    services.finish_comparison(claim=second, counts=counts, columns=columns)
    found.refresh_from_db()
    assert found.state == ComparisonState.DONE


def test_a_version_that_is_gone_fails_with_its_reason_and_may_be_asked_again(city: City, pair):
    found = ask(city, *pair)
    Version.objects.filter(id=pair[0].id).update(store_version="0" * 64)
    jobs.compare_versions(now())
    found.refresh_from_db()
    assert found.state == ComparisonState.FAILED
    assert "没有找到" in found.error[0]["what"]
    assert ask(city, *pair).state == ComparisonState.WAITING
