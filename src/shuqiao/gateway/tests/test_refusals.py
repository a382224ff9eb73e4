"""What a grant does not give is refused with its reason and article, and logged."""

from __future__ import annotations

import shutil
from datetime import timedelta

import msgspec
import pytest

from shuqiao.gateway.tests.city import BASE, ROWS, Desk, code, found, lookup, opened
from shuqiao.journal import find
from shuqiao.kernel.time import today

SCOPE = "sharing.scope.not_wider"


def expect(desk: Desk, response, status: int, rule: str, *articles: str) -> dict:
    """A problem with this status, rule and these articles, and the same in the evidence."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json; charset=utf-8"
    body = response.json()
    assert (body["rule"], body["status"]) == (rule, status)
    assert body["type"] == f"urn:shuqiao:problem:{rule}"
    assert body["reason"] in body["detail"]
    assert {basis["article"] for basis in body["basis"]} >= set(articles)
    assert all(basis["title"] and basis["summary"] for basis in body["basis"])
    assert body["receipt"] == response.headers["shuqiao-receipt"]
    record = find(desk.city.settings.journal_root, body["receipt"])
    assert record.kind == "refusal"
    assert record.decision["rule"] == rule
    assert record.decision["reason"] == body["reason"]
    assert record.decision["basis"] == [basis["article"] for basis in body["basis"]]
    return body


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "25")
@pytest.mark.parametrize(
    "query",
    ["select=法定代表人", "法定代表人=张三02", "sort=电话", "电话__startswith=139", "select=名称,电话"],
)
def test_a_column_outside_the_grant_is_refused(desk: Desk, query: str) -> None:
    response = desk.ask(f"{ROWS}?{query}", headers=desk.city.bearer())
    body = expect(desk, response, 403, SCOPE, "national-2025:25", "yingkou-2022:22")
    assert "法定代表人" in body["reason"] or "电话" in body["reason"]
    assert "张三" not in response.text.replace("张三02", "")


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "25")
def test_another_city_and_no_such_row_get_the_same_answer(desk: Desk) -> None:
    elsewhere = desk.ask(lookup(1), headers=desk.city.bearer())
    nowhere = desk.ask("/v1/resources/enterprises/rows/91219999999999999X", headers=desk.city.bearer())
    bodies = [
        expect(desk, response, 404, SCOPE, "national-2025:25", "yingkou-2022:22")
        for response in (elsewhere, nowhere)
    ]
    assert "授权范围内没有这条记录" in bodies[0]["reason"]
    assert "地区 等于 营口" in bodies[0]["reason"]
    for body in bodies:
        del body["receipt"]
    assert bodies[0] == bodies[1]
    assert "沈阳" not in elsewhere.text


def test_an_absent_row_of_a_grant_over_all_rows_is_not_found(desk: Desk) -> None:
    response = desk.ask("/v1/resources/enterprises/rows/nothing", headers=desk.city.bearer("k-other"))
    expect(desk, response, 404, "gateway.row.missing")


@pytest.mark.article("national-2025", "27")
def test_a_suspended_grant_is_refused_with_its_article(desk: Desk) -> None:
    desk.city.change(
        "g-interface", state="suspended", state_reason="超出约定用途使用", state_basis=["national-2025:27"]
    )
    desk.reload()
    response = desk.ask(lookup(2), headers=desk.city.bearer())
    body = expect(desk, response, 403, "delivery.misuse.suspend", "national-2025:27")
    assert "超出约定用途使用" in body["reason"]
    assert find(desk.city.settings.journal_root, body["receipt"]).grant == "g-interface"


@pytest.mark.article("national-2025", "27")
def test_a_suspension_without_a_stated_article_rests_on_the_rule(desk: Desk) -> None:
    desk.city.change("g-interface", state="suspended")
    desk.reload()
    response = desk.ask(lookup(2), headers=desk.city.bearer())
    expect(desk, response, 403, "delivery.misuse.suspend", "national-2025:27")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"state": "ended", "state_reason": "用途已实现"}, "delivery.end.filing"),
        ({"valid_until": today() - timedelta(days=1)}, "gateway.grant.expired"),
        ({"valid_from": today() + timedelta(days=1)}, "gateway.grant.not_yet"),
        ({"modes": ["file"]}, SCOPE),
        ({"keys": []}, "gateway.grant.missing"),
    ],
)
def test_a_grant_that_does_not_hold_is_refused(desk: Desk, changes, rule: str) -> None:
    del desk.city.grants["g-file"]
    desk.city.change("g-interface", **changes)
    desk.reload()
    body = expect(desk, desk.ask(lookup(2), headers=desk.city.bearer()), 403, rule)
    assert body["basis"], "a refusal names its article"


def test_the_last_day_of_a_grant_still_counts(desk: Desk) -> None:
    desk.city.change("g-interface", valid_from=today(), valid_until=today())
    desk.reload()
    assert desk.ask(lookup(2), headers=desk.city.bearer()).status_code == 200


@pytest.mark.article("shenyang-2020", "23")
def test_the_articles_are_those_of_the_packs_that_bind_the_provider(desk: Desk) -> None:
    city = desk.city
    resource = msgspec.structs.replace(city.resources["enterprises"], basis=["shenyang-2020:23"])
    city.resources["enterprises"] = resource
    city.write()
    desk.reload()
    response = desk.ask(f"{ROWS}?select=电话", headers=city.bearer())
    body = expect(desk, response, 403, SCOPE, "shenyang-2020:23")
    assert {basis["article"].split(":")[0] for basis in body["basis"]} == {"shenyang-2020"}


@pytest.mark.parametrize(
    "path",
    [
        f"{ROWS}?limit=0",
        f"{ROWS}?limit=x",
        f"{ROWS}?没有这一列=1",
        f"{ROWS}?cursor=broken",
        f"{ROWS}?count=maybe",
        lookup(2, "?limit=3"),
        lookup(2, "?by=名称"),
        "/v1/resources/enterprises/rows/a,b",
        "/v1/resources/enterprises/export.csv?limit=3",
    ],
)
def test_a_bad_query_is_refused(desk: Desk, path: str) -> None:
    response = desk.ask(path, headers=desk.city.bearer())
    assert response.status_code in (400, 403), response.text
    assert response.json()["rule"] in ("gateway.query.invalid", SCOPE)
    assert response.headers["shuqiao-receipt"]


def test_queries_have_a_number_of_parameters_and_an_encoding(desk: Desk) -> None:
    many = "&".join(f"名称={number}" for number in range(65))
    expect(desk, desk.ask(f"{ROWS}?{many}", headers=desk.city.bearer()), 400, "gateway.query.parameters")
    expect(desk, desk.ask(f"{ROWS}?a=%FF", headers=desk.city.bearer()), 400, "gateway.query.encoding")


def test_unknown_things_are_not_found(desk: Desk) -> None:
    unknown = desk.ask("/v1/resources/nothing/rows", headers=desk.city.bearer())
    expect(desk, unknown, 404, "gateway.resource.unknown")
    unpublished = desk.ask("/v1/resources/unpublished/rows", headers=desk.city.bearer())
    expect(desk, unpublished, 404, "gateway.resource.unpublished")


def test_a_version_that_is_not_on_this_node_is_asked_for_again(desk: Desk) -> None:
    city = desk.city
    city.resources["enterprises"] = msgspec.structs.replace(city.resources["enterprises"], version="0" * 64)
    city.write()
    desk.reload()
    response = desk.ask(lookup(2), headers=city.bearer())
    expect(desk, response, 503, "gateway.version.missing")
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        ({}, "gateway.auth.missing"),
        ({"Authorization": "Bearer k-counter.wrong"}, "gateway.auth.unknown"),
        ({"Authorization": "Bearer nobody.wrong"}, "gateway.auth.unknown"),
        ({"Authorization": "Bearer "}, "gateway.auth.unknown"),
        ({"Authorization": "Basic YTpi"}, "gateway.auth.scheme"),
        ({"Authorization": "Bearer a.b", "Signature": "sig=:AA:"}, "gateway.auth.ambiguous"),
        ({"Signature": "sig=:AAAA:"}, "gateway.signature.malformed"),
    ],
)
def test_who_cannot_say_who_they_are_gets_401_with_the_articles_on_safeguards(
    desk: Desk, headers, rule: str
) -> None:
    response = desk.ask(lookup(2), headers=headers)
    expect(desk, response, 401, rule, "national-2025:35", "yingkou-2022:34")
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_and_an_expired_key_get_401(desk: Desk) -> None:
    city = desk.city
    for changes, rule in (
        ({"state": "revoked"}, "gateway.key.revoked"),
        ({"state": "active", "not_after": today() - timedelta(days=1)}, "gateway.key.expired"),
    ):
        city.keys["k-counter"] = msgspec.structs.replace(city.keys["k-counter"], **changes)
        city.write()
        desk.reload()
        path = lookup(2)
        expect(desk, desk.ask(path, headers=city.bearer()), 401, rule)
        expect(desk, desk.ask(path, headers=desk.sign(path)), 401, rule)


def test_a_replayed_request_is_refused(desk: Desk) -> None:
    path = lookup(2)
    headers = desk.sign(path)
    assert desk.ask(path, headers=headers).status_code == 200
    body = expect(desk, desk.ask(path, headers=headers), 401, "gateway.nonce.replayed", "national-2025:35")
    assert find(desk.city.settings.journal_root, body["receipt"]).key == "k-counter"


def test_a_replay_after_a_restart_is_refused(desk: Desk) -> None:
    path = lookup(2)
    headers = desk.sign(path)
    assert desk.ask(path, headers=headers).status_code == 200
    desk.call(desk.gateway.stop)
    with opened(desk.city) as second:
        expect(second, second.ask(path, headers=headers), 401, "gateway.nonce.replayed")
    shutil.rmtree(desk.city.home / "gateway")  # as after a power cut: only the evidence is left
    with opened(desk.city) as third:
        expect(third, third.ask(path, headers=headers), 401, "gateway.nonce.replayed")


def test_an_altered_request_is_refused(desk: Desk) -> None:
    headers = desk.sign(lookup(2))
    refused = [
        desk.ask(lookup(4), headers=headers),
        desk.ask(lookup(2, "?select=名称"), headers=headers),
        desk.ask(lookup(2), headers={**headers, "Signature": "sig=:AAAA:"}),
    ]
    for response in refused:
        expect(desk, response, 401, "gateway.signature.invalid")
    added = desk.ask(lookup(2), headers={**headers, "Shuqiao-Grant": "g-file"})
    expect(desk, added, 401, "gateway.signature.coverage")
    elsewhere = desk.ask(lookup(2), headers={**headers, "Host": "other.test"})
    expect(desk, elsewhere, 401, "gateway.signature.invalid")
    assert desk.ask(lookup(2), headers=headers).status_code == 200, "a failed try uses up no nonce"


def test_an_old_signature_and_a_wrong_secret_are_refused(desk: Desk) -> None:
    import time

    path = lookup(2)
    stale = desk.sign(path, created=int(time.time()) - 301)
    expect(desk, desk.ask(path, headers=stale), 401, "gateway.signature.stale")
    wrong = desk.sign(path, secret="wrong")
    expect(desk, desk.ask(path, headers=wrong), 401, "gateway.signature.invalid")
    unknown = desk.sign(path, key_id="nobody", secret="wrong")
    expect(desk, desk.ask(path, headers=unknown), 401, "gateway.auth.unknown")


def test_a_body_must_be_signed(desk: Desk) -> None:
    path = lookup(2)
    good = desk.sign(path, body=b"{}")
    assert desk.ask(path, headers=good, content=b"{}").status_code == 200
    other = desk.sign(path, body=b"{}")
    expect(desk, desk.ask(path, headers=other, content=b"[]"), 401, "gateway.digest.mismatch")


def test_the_quota_of_the_day_survives_a_restart(desk: Desk) -> None:
    desk.city.change("g-interface", daily_quota=3)
    desk.reload()
    for _ in range(3):
        assert desk.ask(lookup(2), headers=desk.city.bearer()).status_code == 200
    response = desk.ask(lookup(2), headers=desk.city.bearer())
    expect(desk, response, 429, "gateway.limit.quota")
    assert 0 < int(response.headers["retry-after"]) <= 86_400
    desk.call(desk.gateway.stop)
    with opened(desk.city) as second:
        expect(second, second.ask(lookup(2), headers=desk.city.bearer()), 429, "gateway.limit.quota")
    shutil.rmtree(desk.city.home / "gateway")
    with opened(desk.city) as third:
        expect(third, third.ask(lookup(2), headers=desk.city.bearer()), 429, "gateway.limit.quota")


def test_an_address_without_a_key_has_its_fair_use(tmp_path) -> None:
    city = found(tmp_path / "home", open_rate=0.5, open_burst=2)
    with opened(city) as desk:
        statuses = [desk.ask("/v1/resources/halls/rows").status_code for _ in range(4)]
        assert statuses == [200, 200, 429, 429]
        guessing = desk.ask(lookup(2), headers={"Authorization": "Bearer k-counter.guess"})
        assert (guessing.status_code, guessing.json()["rule"]) == (429, "gateway.limit.fair_use")
        assert int(guessing.headers["retry-after"]) in (1, 2)
        assert desk.ask(lookup(2), headers=city.bearer()).status_code == 200, "a key is not held up"
        assert len(city.entries()) == 3, "beyond fair use nothing is recorded"


def test_sizes_have_limits(desk: Desk) -> None:
    long = desk.ask(f"{ROWS}?名称={'x' * 9000}", headers=desk.city.bearer())
    assert (long.status_code, long.json()["rule"]) == (414, "gateway.limit.target")
    wide = desk.ask(ROWS, headers={**desk.city.bearer(), "X-Wide": "x" * 40_000})
    assert (wide.status_code, wide.json()["rule"]) == (431, "gateway.limit.headers")
    heavy = desk.ask(ROWS, headers=desk.city.bearer(), content=b"x" * 600_000)
    assert (heavy.status_code, heavy.json()["rule"]) == (413, "gateway.limit.body")
    posted = desk.ask(ROWS, method="POST", headers=desk.city.bearer())
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET")
    missing = desk.ask("/v1/nothing")
    assert (missing.status_code, missing.json()["rule"]) == (404, "gateway.address.unknown")
    assert desk.city.entries() == []


def test_the_city_is_asked_by_its_own_address() -> None:
    assert BASE.startswith("http://")
    assert len(code(0)) == 18
