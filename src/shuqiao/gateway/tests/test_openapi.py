"""The description of the addresses is valid, says only what the reader may know, and is what the gateway does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import validate
from schemathesis import checks

from shuqiao.gateway.openapi import whole_description
from shuqiao.gateway.requests import find_target
from shuqiao.gateway.tests.city import City, Desk, a_grant, found, lookup
from shuqiao.gateway.tests.serving import Server
from shuqiao.journal import find

ENTERPRISES = "/v1/resources/enterprises/openapi.json"
HELD = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
)


def test_the_whole_description_is_valid_and_its_addresses_exist(desk: Desk) -> None:
    answer = desk.ask("/openapi.json")
    description = answer.json()
    assert description == json.loads(json.dumps(whole_description()))
    validate(description)
    for path, operations in description["paths"].items():
        concrete = path.replace("{resource}", "halls").replace("{key}", "D01")
        target = find_target(concrete)
        methods = target.methods if target else ("GET", "HEAD")
        assert {method.upper() for method in operations} == set(methods), path
        if target is None:
            assert desk.ask(concrete).status_code == 200, path


def test_a_resource_is_described_as_its_grant_gives_it(desk: Desk) -> None:
    city = desk.city
    answer = desk.ask(ENTERPRISES, headers=city.bearer("k-other"))
    description = answer.json()
    validate(description)
    row = description["components"]["schemas"]["Row"]["properties"]
    assert list(row) == ["统一社会信用代码", "法定代表人", "电话", "成立日期"]
    assert row["法定代表人"]["description"] == "加密散列"
    assert "名称" not in answer.text.replace("信息项名", "")
    parameters = {
        one["name"] for one in description["paths"]["/v1/resources/enterprises/rows"]["get"]["parameters"]
    }
    assert "统一社会信用代码__startswith" in parameters
    assert "电话" not in parameters, "a masked column cannot be filtered by"
    record = find(city.settings.journal_root, answer.headers["shuqiao-receipt"])
    assert (record.action, record.grant, record.rows) == ("openapi", "g-whole", 0)
    again = desk.ask(ENTERPRISES, headers={**city.bearer("k-other"), "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_only_who_may_read_sees_the_description(desk: Desk) -> None:
    assert desk.ask(ENTERPRISES).status_code == 401
    desk.city.grants["g-whole"] = a_grant(
        id="g-whole", keys=["k-other"], state="ended", state_reason="已完成"
    )
    desk.city.write()
    desk.reload()
    assert desk.ask(ENTERPRISES, headers=desk.city.bearer("k-other")).status_code == 403
    opened = desk.ask("/v1/resources/halls/openapi.json").json()
    validate(opened)
    assert list(opened["components"]["schemas"]["Row"]["properties"]) == ["编号", "名称"]
    narrow = desk.ask(ENTERPRISES, headers={**desk.city.bearer(), "Shuqiao-Grant": "g-file"}).json()
    assert all("export." in path for path in narrow["paths"]), (
        "what the grant's modes do not give is not there"
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server over a seeded city; its anonymous readers may ask as often as this test does."""
    city = found(tmp_path_factory.mktemp("described") / "home")
    server = Server(city, app="shuqiao.gateway.tests.patient:app")
    server.start()
    yield server
    assert server.stop() == 0


def exercise(
    server: Server, description: dict, headers: dict[str, str], *, resource: str, examples: int
) -> set[int]:
    """Ask every operation of a description with made-up values; the statuses that came back."""
    schema = schemathesis.openapi.from_dict(description)
    statuses: set[int] = set()
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case) -> None:
            if "resource" in case.path_parameters:
                case.path_parameters["resource"] = resource
            response = case.call(base_url=server.url, headers=headers)
            case.validate_response(response, checks=HELD)
            statuses.add(response.status_code)

        ask_in_all_ways(operation, ask)
    return statuses


def ask_in_all_ways(operation, ask) -> None:
    """Run `ask` on cases of the operation: as described, and, where there is anything to get wrong, wrong."""
    for mode in schemathesis.GenerationMode:
        try:
            given(case=operation.as_strategy(generation_mode=mode))(ask)()
        except Unsatisfiable:
            assert mode is schemathesis.GenerationMode.NEGATIVE
            assert operation.path in ("/healthz", "/readyz", "/metrics", "/openapi.json")


def test_whatever_is_asked_is_answered_as_described(server: Server) -> None:
    city: City = server.city
    whole = whole_description()
    statuses = exercise(server, whole, city.bearer(), resource="enterprises", examples=6)
    statuses |= exercise(server, whole, {}, resource="halls", examples=4)
    assert {200, 400} <= statuses
    assert not {status for status in statuses if status >= 500}
    described = httpx.get(server.url + ENTERPRISES, headers=city.bearer("k-other")).json()
    statuses = exercise(server, described, city.bearer("k-other"), resource="enterprises", examples=6)
    assert 200 in statuses
    assert httpx.get(server.url + lookup(2), headers=city.bearer()).status_code == 200
