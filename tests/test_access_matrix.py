"""Who gets which answer from every address of the control plane (house style, section 6).

An address without a row fails, and so does a row without an address. Columns:
  stranger     a signed-in person of another department without any relation to the thing
  viewer       somebody who may see the thing, or stands close to it, but may not do this
  responsible  somebody who may
Anonymous needs no column: pages send to the login, machines get 401 problem JSON, open pages answer everybody.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from shuqiao.organizations.tests.factories import City
from tests.access.parts import PARTS
from tests.access.rows import STRANGER, Row
from tests.access_world import Id, build_world

ROWS = tuple(row for part in PARTS for row in part.ROWS)
OF_NINJA = {"api:openapi-json", "api:api-root"}  # these two only read, whatever the method
LOGIN = "accounts:login"  # whoever is signed in goes on from it
METHODS = ("GET", "POST", "PUT", "DELETE")


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    """The name of every address, with its namespace."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from addresses(pattern.url_patterns, inside)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}" if pattern.name else f"{prefix}nameless {pattern.pattern}"


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    known = set(addresses(get_resolver().url_patterns))
    described = {row.address for row in ROWS}
    assert known - described == set(), "addresses without a row"
    assert described - known == set(), "rows without an address"


@dataclass
class Visits:
    """Calls addresses as somebody; what a call writes is undone, so that every call finds the same world."""

    city: City
    world: dict[str, Id]
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, who: str, *, token_checked: bool = False) -> Client:
        name = f"{who} {token_checked}"
        if name not in self.clients:
            self.clients[name] = Client(enforce_csrf_checks=token_checked, raise_request_exception=False)
            if who:
                self.clients[name].force_login(self.city.user(who))
        return self.clients[name]

    def path(self, row: Row) -> str:
        about = self.world[row.of] if row.of else ()
        return reverse(row.address, args=about if isinstance(about, tuple) else [about])

    def named(self, value: Any) -> Any:
        """A value of a row; `@name`, alone or in a list, is the id of that thing."""
        if isinstance(value, list):
            return [self.named(one) for one in value]
        return str(self.world[value[1:]]) if str(value).startswith("@") else value

    def call(
        self, row: Row, who: str, method: str = "", *, token_checked: bool = False, **headers: str
    ) -> HttpResponseBase:
        data = {key: self.named(value) for key, value in row.data.items()}
        client, method = self.client(who, token_checked=token_checked), method or row.method
        headers = row.headers | headers
        before = copy.deepcopy(client.cookies)
        with transaction.atomic():
            if "Tus-Resumable" in headers:
                kind = headers.pop("Content-Type", "")
                body = b"abcd" if method == "PATCH" else b""
                answer = client.generic(method, self.path(row), body, kind, headers=headers)
            elif row.is_rest and method in {"POST", "PUT"}:
                answer = client.generic(
                    method, self.path(row), json.dumps(data), "application/json", headers=headers
                )
            elif method == "POST":
                answer = client.post(self.path(row), data, headers=headers)
            else:
                answer = client.generic(method, self.path(row), headers=headers)
            if answer.streaming:
                list(answer)  # to its end, which closes the file behind it
            transaction.set_rollback(True)
        client.cookies = before
        return answer


@pytest.fixture
def visits(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Visits:
    # A step that succeeds moves files too, and files are not rolled back.
    monkeypatch.setattr("shuqiao.catalog.staging.clear", lambda record_id: None)
    return Visits(city, build_world(city, tmp_path))


def login_of(answer: HttpResponseBase) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/account/login/?next=/")


def is_problem(answer: HttpResponseBase, status: int) -> bool:
    kind = answer["Content-Type"] if answer.has_header("Content-Type") else ""
    return answer.status_code == status and kind == "application/problem+json"


def anonymous_faults(visits: Visits, row: Row) -> Iterator[str]:
    if row.public:
        status = 200 if row.address == LOGIN else row.stranger
        answer = visits.call(row, "")
        if answer.status_code != status:
            yield f"anonymous: {answer.status_code}, not {status}"
        return
    if not row.is_rest and not login_of(visits.call(row, "")):
        yield "anonymous: not sent to the login"
    machine = visits.call(row, "", Accept="application/json")
    if not is_problem(machine, 401):
        yield f"anonymous machine: {machine.status_code} {machine.get('Content-Type')}, not 401 problem JSON"


def faults(visits: Visits, row: Row) -> Iterator[str]:
    yield from anonymous_faults(visits, row)
    for who, status in ((STRANGER, row.stranger), row.viewer, row.responsible):
        answer = visits.call(row, who)
        if answer.status_code != status:
            yield f"{who}: {answer.status_code}, not {status}"
        machine = visits.call(row, who, Accept="application/json") if status in {403, 404} else None
        if machine is not None and not is_problem(machine, status):
            yield f"{who} as machine: {machine.status_code} {machine.get('Content-Type')}, not {status} problem"


def faults_of_methods(visits: Visits) -> Iterator[str]:
    """A method without a row is refused."""
    rows_of: dict[str, list[Row]] = {}
    for row in ROWS:
        if row.address not in OF_NINJA:
            rows_of.setdefault(resolve(visits.path(row)).route, []).append(row)
    for route, rows in rows_of.items():
        served = {row.method for row in rows} | ({"POST"} if rows[0].address == LOGIN else set())
        for method in METHODS:
            answer = visits.call(rows[0], rows[0].responsible[0], method) if method not in served else None
            if answer is not None and answer.status_code != 405:
                yield f"{method} {route}: {answer.status_code}, not 405"


def faults_of_tokens(visits: Visits) -> Iterator[str]:
    """Whatever writes wants the form token."""
    for row in ROWS:
        if row.method not in {"GET", "HEAD"}:
            answer = visits.call(row, row.responsible[0], token_checked=True)
            if answer.status_code != 403 or (row.is_rest and not is_problem(answer, 403)):
                yield f"{row.method} {row.address} without token: {answer.status_code}, not 403"


def test_everybody_gets_the_answer_of_the_matrix(visits: Visits) -> None:
    """One test, because the world is dear to build: all faults are listed together."""
    wrong = [f"{row.method} {row.address} {row.of}: {fault}" for row in ROWS for fault in faults(visits, row)]
    wrong += [*faults_of_methods(visits), *faults_of_tokens(visits)]
    assert not wrong, "\n" + "\n".join(wrong)
