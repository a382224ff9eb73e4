"""The change feed: a follower who takes over record by record ends up with the catalogue."""

from __future__ import annotations

import pytest

from shuqiao.catalog import feed, services
from shuqiao.catalog.models import DuplicatePair, Entry
from shuqiao.catalog.tests import factories
from shuqiao.kernel.time import now, today

pytestmark = [pytest.mark.django_db, pytest.mark.article("yingkou-2022", "11")]
ADDRESS = "/api/v1/catalog/changes"


def follow(client, since: int = 0, **asked) -> tuple[list[dict], int]:
    """All records after a number, part by part."""
    found = []
    while True:
        part = client.get(ADDRESS, {"since": since, **asked}).json()
        found += part["changes"]
        assert part["last"] >= since
        since = part["last"]
        if not part["more"]:
            return found, since


def mirror(changes: list[dict]) -> dict[str, dict]:
    """What a follower has after these."""
    held: dict[str, dict] = {}
    for change in changes:
        if change["content"] is None:
            held.pop(change["entry"], None)
        else:
            held[change["entry"]] = change["content"]
    return held


def test_a_follower_has_what_is_published(client_of, city):
    stays, goes, revised = (factories.published(city, on=today(), title=name) for name in "甲乙丙")
    client = client_of("stranger")
    changes, last = follow(client, limit=1)
    assert [(one["change"], one["code"]) for one in changes] == [
        ("I", one.code) for one in (stays, goes, revised)
    ]
    numbers = [one["number"] for one in changes]
    assert numbers == sorted(numbers)
    clerk, head = city.actor("provider-cataloguer"), city.actor("provider-approver")
    services.withdraw_entry(actor=head, entry_id=goes.pk, reason="划转", on=today())
    draft = services.start_revision(actor=clerk, entry_id=revised.pk, on=today())
    services.save_draft(
        actor=clerk,
        revision_id=draft.pk,
        content=factories.content(title="丙的新版"),
        on=today(),
        lock_version=1,
    )
    assert [one["change"] for one in follow(client, last)[0]] == ["D"], "a draft is nobody's business yet"
    services.submit_revision(actor=head, revision_id=draft.pk, on=today())
    services.publish_revision(actor=city.actor("bureau-reviewer"), revision_id=draft.pk, on=today())
    later, end = follow(client, last)
    assert [one["change"] for one in later] == ["D", "U"]
    held = mirror(changes + later)
    assert {key: one["title"] for key, one in held.items()} == {
        str(stays.pk): "甲",
        str(revised.pk): "丙的新版",
    }
    assert follow(client, end) == ([], end)
    whole, _ = follow(client)
    assert mirror(whole).keys() == held.keys(), "who begins anew has the same"
    assert whole[1]["content"] is None, "what has left is not shown, even where it came in"


@pytest.mark.article("yingkou-2022", "30")
def test_the_public_face_of_a_closed_entry_has_name_and_basis_only(client_of, city):
    factories.published(city, on=today(), opening_basis="某条例 第三条")
    (shared,), _ = follow(client_of("stranger"))
    (public,), _ = follow(client_of("stranger"), face="public")
    assert shared["content"]["summary"]
    assert len(shared["content"]["items"]) == 4
    assert public["content"]["title"] == shared["content"]["title"]
    assert public["content"]["opening_basis"] == "某条例 第三条"
    assert (public["content"]["summary"], public["content"]["items"]) == ("", [])


def test_what_is_merged_says_into_what(client_of, city):
    keep = factories.published(city, on=today(), title="加油站信息")
    leave = factories.published(city, on=today(), title="加油站情况")
    services.find_changed_duplicates(at=now())
    services.merge_entries(
        actor=city.actor("bureau-reviewer"), pair_id=DuplicatePair.objects.get().pk, keep_id=keep.pk, note="同一批",
        on=today(),
    )  # fmt: skip
    changes, _ = follow(client_of("stranger"))
    gone = next(one for one in changes if one["change"] == "D")
    assert (gone["entry"], gone["merged_into"]) == (str(leave.pk), str(keep.pk))


def test_of_one_division_and_odd_numbers(client_of, city):
    factories.published(city, on=today())
    client = client_of("stranger")
    assert follow(client, division="210100")[0] == []
    assert client.get(ADDRESS, {"since": -5, "limit": 0}).json()["changes"]
    last = follow(client)[1]
    assert client.get(ADDRESS, {"since": last}).json() == {"changes": [], "last": last, "more": False}
    for never in (last + 1, 10**20, 10**30):
        answer = client.get(ADDRESS, {"since": never})
        assert answer.status_code == 400
        assert str(last) in answer.content.decode()


def test_a_part_costs_the_same_however_many_entries(city, django_assert_max_num_queries):
    for place in range(12):
        factories.published(city, on=today(), title=f"第{place}条")
    reader = city.actor("stranger")
    with django_assert_max_num_queries(6):
        part = feed.read(reader, since=0, limit=200)
    assert len(part.changes) == Entry.objects.count() == 12
