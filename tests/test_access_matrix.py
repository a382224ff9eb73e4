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
from tests.access.rows import (
    ADMIN,
    BR,
    BS,
    CA,
    CC,
    CD,
    PA,
    PC,
    PS,
    STRANGER,
    WHY,
    Row,
    everybody,
    get,
    post,
    put,
    signed_in,
    tus,
)
from tests.access_world import Id, build_world

OPEN = (
    everybody("opening:home"),
    everybody("opening:search"),
    everybody("opening:suggestions"),
    everybody("opening:basis"),
    everybody("opening:theme", "waiting_theme", 404),  # not established
    everybody("opening:entry", "open_entry"),
    everybody("opening:entry", "draft_entry", 404),
    everybody("portal:healthz"),
    everybody("portal:readyz"),
    everybody("portal:styleguide", status=404),  # shown only where sample data is shown anyway
    everybody("delivery:receipts"),
    everybody("delivery:receipt", "receipt"),
    everybody("delivery:proof", "receipt", 302),  # not sealed yet: back to the receipt
    everybody("delivery:seal-keys"),
    everybody("delivery:seal-key", "receipt", 404),
    everybody("accounts:logout", status=302, method="POST"),
)
OWN = (
    signed_in("portal:inbox"),
    signed_in("portal:done"),
    signed_in("portal:notices"),
    signed_in("portal:supervision"),
    post("portal:remind", "term", 404, (PA, 403), (BS, 302)),
    signed_in("accounts:password"),
    signed_in("accounts:password", method="POST"),
    signed_in("organizations:filings"),
    get("organizations:file", "provider", 403, (PS, 403), (PC, 200)),
    post("organizations:file", "provider", 403, (PS, 403), (PC, 400)),
    get("organizations:departments", "", 403, (BR, 403), (ADMIN, 200)),
    get("organizations:new-department", "", 403, (BR, 403), (ADMIN, 200)),
    post("organizations:new-department", "", 403, (BR, 403), (ADMIN, 400)),
    get("organizations:department", "provider", 403, (PA, 403), (ADMIN, 200)),
    post("organizations:department", "provider", 403, (PA, 403), (ADMIN, 400)),
    post("organizations:reset-password", "person", 403, (CA, 403), (ADMIN, 201)),
    post("organizations:end-appointment", "appointment", 403, (CA, 403), (ADMIN, 302)),
)
CATALOG = (
    signed_in("catalog:list"),
    signed_in("catalog:suggestions"),
    get("catalog:synonyms", "", 403, (PA, 403), (BR, 200)),
    post("catalog:synonyms", "", 403, (PA, 403), (BR, 302), words="公租房、公共租赁住房"),
    post("catalog:remove-synonyms", "synonyms", 403, (PA, 403), (BR, 302)),
    signed_in("catalog:export"),
    signed_in("catalog:export-whole"),
    signed_in("catalog:template"),
    signed_in("catalog:mine"),
    signed_in("catalog:item-row"),
    signed_in("catalog:entry", "published_entry"),
    get("catalog:entry", "draft_entry", 404, (PS, 200), (PC, 200)),
    get("catalog:entry", "draft_entry", 404, (BR, 404), (PC, 200)),  # not yet before the bureau
    post("catalog:revise", "published_entry", 403, (PS, 403), (PC, 302)),
    post("catalog:withdraw", "published_entry", 403, (PC, 403), (PA, 302), **WHY),
    post("catalog:submit-many", "", 404, (PC, 200), (PA, 200), revision="@draft"),
    get("catalog:new", "", 200, (PS, 403), (PC, 200)),
    post("catalog:new", "", 400, (PS, 403), (PC, 400)),
    signed_in("catalog:revision", "published_revision"),
    get("catalog:revision", "draft", 404, (PS, 200), (PC, 200)),
    get("catalog:edit", "draft", 404, (PS, 403), (PC, 200)),
    post("catalog:edit", "draft", 404, (PS, 403), (PC, 400)),
    post("catalog:ask-sign-off", "draft", 404, (PA, 403), (PC, 302)),
    post("catalog:submit", "draft", 404, (PC, 403), (PA, 302)),
    post("catalog:return", "submitted", 404, (PA, 403), (BR, 302), reasons="摘要：写明地区"),
    post("catalog:publish", "submitted", 404, (PA, 403), (BR, 302)),
    get("catalog:review", "", 403, (PA, 403), (BR, 200)),
    post("catalog:publish-many", "", 404, (PA, 200), (BR, 200), revision="@submitted"),
    post(
        "catalog:decide-many", "", 400, (PA, 400), (BR, 400)
    ),  # each revision answers for itself, see test_review
    signed_in("catalog:compare", "published_entry"),
    get("catalog:compare", "draft_entry", 404, (PS, 200), (PC, 200)),
    signed_in("catalog:stale"),
    signed_in("catalog:duties"),
    get("catalog:new-duty", "", 200, (PS, 403), (PC, 200)),
    post("catalog:new-duty", "", 400, (PS, 403), (BR, 400)),
    get("catalog:duty", "duty", 404, (PS, 200), (PC, 200)),
    post("catalog:duty-entries", "duty", 404, (PS, 403), (PC, 302), entry="@published_entry"),
    post(
        "catalog:duty-unchanged",
        "touching_duty",
        404,
        (PS, 403),
        (PC, 302),
        entry="@published_entry",
        note="不涉及",
    ),
    post("catalog:duty-extension", "duty", 404, (PS, 403), (PC, 302), days="2", **WHY),
    post("catalog:duty-answer", "asked_duty", 404, (PA, 403), (BR, 302), days="1", consent="1"),
    post("catalog:duty-report", "duty", 404, (PS, 403), (PC, 302), report="已更新"),
    post("catalog:duty-confirm", "reported_duty", 404, (PA, 403), (BR, 302)),
    post("catalog:duty-return", "reported_duty", 404, (PA, 403), (BR, 302), **WHY),
    post("catalog:duty-cancel", "duty", 404, (PA, 403), (BR, 302), **WHY),
    signed_in("catalog:campaigns"),
    post("catalog:campaigns", "", 403, (PA, 403), (BR, 400), division="210800", quarter="2020-Q1"),
    get("catalog:campaign", "campaign", 404, (PS, 200), (PC, 200)),
    post("catalog:campaign-confirm", "campaign", 404, (PS, 403), (PC, 302), which="all"),
    post("catalog:campaign-remind", "campaign", 404, (PA, 403), (BR, 302)),
    post("catalog:campaign-close", "campaign", 404, (PA, 403), (BR, 302)),
    signed_in("catalog:themes"),
    post("catalog:themes", "", 400, (PS, 403), (PC, 400)),
    get("catalog:theme", "theme", 404, (PS, 200), (PC, 200)),
    get("catalog:theme", "waiting_theme", 404, (PS, 200), (BR, 200)),
    post("catalog:theme-rename", "theme", 404, (PS, 403), (PC, 302), name="另一个名称"),
    post("catalog:theme-members", "theme", 404, (PA, 403), (PC, 302), remove="@published_entry"),
    post("catalog:theme-submit", "theme", 404, (PC, 403), (PA, 302)),
    post("catalog:theme-establish", "waiting_theme", 404, (PA, 403), (BR, 302)),
    post("catalog:theme-return", "waiting_theme", 404, (PA, 403), (BR, 302), **WHY),
    post("catalog:theme-dissolve", "theme", 404, (PC, 403), (PA, 302), **WHY),
    get("catalog:upload", "", 200, (PS, 403), (PC, 200)),
    post("catalog:upload", "", 400, (PS, 403), (PC, 400)),
    get("catalog:import", "import", 404, (PS, 200), (PC, 200)),
    post("catalog:confirm", "import", 404, (PS, 403), (PC, 302)),
    post("catalog:discard", "import", 404, (PS, 403), (PC, 302)),
    get("catalog:import-entries", "import", 404, (PS, 200), (PC, 200)),
    get("catalog:annotated", "import", 404, (PS, 200), (PC, 200)),
    post("catalog:assign", "import", 404, (PS, 403), (PC, 302)),
    post("catalog:undo", "import", 404, (PS, 403), (PC, 409)),  # not imported yet
    get("catalog:from-file", "", 200, (PS, 403), (PC, 200)),
    post("catalog:from-file", "", 400, (PS, 403), (PC, 400)),
    signed_in("catalog:classes"),
    signed_in("catalog:related"),
    signed_in("catalog:check", method="POST", **{"items-TOTAL_FORMS": "0", "items-INITIAL_FORMS": "0"}),
    get("catalog:mappings", "", 200, (PS, 403), (PC, 200)),
    # Only with the token of an upload of one's own.
    get("catalog:mapping-new", "", 404, (PS, 404), (PC, 404)),
    post("catalog:mapping-new", "", 404, (PS, 404), (PC, 404)),
    get("catalog:mapping", "mapping", 200, (PS, 404), (PC, 200)),
    post("catalog:mapping", "mapping", 400, (PS, 404), (PC, 400)),
    post("catalog:mapping-retire", "mapping", 302, (PS, 404), (PC, 302)),
)
RESOURCES = (
    signed_in("resources:list"),
    get("resources:mount", "", 200, (PS, 403), (PC, 200)),
    post("resources:mount", "", 400, (PS, 403), (PC, 400)),
    signed_in("resources:of-entry", "open_entry"),
    signed_in("resources:resource", "published_resource"),
    get("resources:resource", "unpublished_resource", 404, (PS, 200), (PC, 200)),
    get("resources:upload", "unpublished_resource", 404, (PS, 403), (PC, 200)),
    post("resources:upload", "unpublished_resource", 404, (PS, 403), (PC, 400)),
    post("resources:upload", "published_resource", 403, (PS, 403), (PC, 400)),
    tus("POST", "resources:transfers", "unpublished_resource", 404, (PS, 403), (PC, 201)),
    tus("POST", "resources:transfers", "published_resource", 403, (PS, 403), (PC, 201)),
    get("resources:transfer", "transfer", 404, (PS, 403), (PC, 200)),
    tus("HEAD", "resources:transfer", "transfer", 404, (PS, 403), (PC, 200)),
    tus("PATCH", "resources:transfer", "transfer", 404, (PS, 403), (PC, 204)),
    tus("DELETE", "resources:transfer", "transfer", 404, (PS, 403), (PC, 204)),
    post("resources:give-up", "transfer", 404, (PS, 403), (PC, 302)),
    get("resources:recipes", "published_resource", 404, (PS, 200), (PC, 200)),
    get("resources:recipes", "unpublished_resource", 404, (PS, 200), (PC, 200)),
    post("resources:accept", "uploaded", 404, (PS, 403), (PC, 400)),
    get("resources:version", "published_version", 404, (PS, 200), (PC, 200)),
    get("resources:state", "uploaded", 404, (PS, 200), (PC, 200)),
    get("resources:reading", "uploaded", 404, (PS, 403), (PC, 200)),
    post("resources:reading", "uploaded", 404, (PS, 403), (PC, 400)),
    post("resources:reread", "uploaded", 404, (PS, 403), (PC, 302)),
    post("resources:submit", "built", 404, (PS, 403), (PC, 400)),
    post("resources:publish", "in_review", 404, (PA, 403), (BR, 302)),
    post("resources:return", "in_review", 404, (PA, 403), (BR, 302), **WHY),
    post("resources:discard", "uploaded", 404, (PS, 403), (PC, 302)),
    post("resources:compare", "built", 404, (PS, 400), (PC, 400)),
    get("resources:comparison", "comparison", 404, (PS, 200), (PC, 200)),
    get("resources:comparison-state", "comparison", 404, (PS, 200), (PC, 200)),
    get("resources:comparison-csv", "comparison", 404, (PS, 200), (PC, 200)),
    get("resources:comparison-ndjson", "comparison", 404, (PS, 200), (PC, 200)),
    get("resources:content", "file_version", 404, (PS, 200), (PC, 200)),
    get("resources:content", "published_version", 404, (PS, 404), (PC, 404)),
    get("resources:quarantine", "published_version", 404, (PS, 200), (PC, 200)),
    get("resources:quarantine-csv", "published_version", 404, (PS, 200), (PC, 200)),
)
SHARING = (
    signed_in("sharing:list"),
    signed_in("sharing:of-entry", "conditional_entry"),
    get("sharing:new", "conditional_entry", 200, (CD, 403), (CC, 200)),
    post("sharing:new", "conditional_entry", 400, (CD, 403), (CC, 400)),
    post("sharing:use", "direct_entry", 400, (CC, 403), (CA, 400)),
    signed_in("sharing:condition-row", "conditional_entry"),
    post("sharing:preview", "conditional_entry", 200, (CD, 403), (CC, 200)),
    get("sharing:request", "drafted", 404, (PA, 404), (CD, 200)),
    get("sharing:request", "asked", 404, (BS, 200), (PA, 200)),
    get("sharing:edit", "drafted", 404, (CD, 403), (CC, 200)),
    post("sharing:edit", "drafted", 404, (CD, 403), (CC, 400)),
    post("sharing:submit", "drafted", 404, (CC, 403), (CA, 302)),
    post("sharing:withdraw", "asked", 404, (PA, 403), (CA, 302), **WHY),
    get("sharing:supplement", "supplement", 404, (PA, 403), (CA, 200)),
    post("sharing:supplement", "supplement", 404, (CC, 403), (CA, 400)),
    get("sharing:answer", "asked", 404, (CA, 403), (PA, 200)),
    post("sharing:approve", "asked", 404, (CA, 403), (PA, 400)),
    post("sharing:refuse", "asked", 404, (CA, 403), (PA, 409)),
    post("sharing:ask-supplement", "asked", 404, (CA, 403), (PA, 302), points="材料"),
    post("sharing:ask-extension", "asked", 404, (CA, 403), (PA, 409)),
    post("sharing:consent", "extension", 404, (PA, 403), (BR, 302)),
    post("sharing:deny", "extension", 404, (PA, 403), (BR, 400)),
)
DELIVERY = (
    signed_in("delivery:grants"),
    get("delivery:keys", "", 403, (CC, 403), (CD, 200)),
    post("delivery:key-create", "", 403, (CC, 403), (CD, 400)),
    post("delivery:key-rotate", "key", 404, (CC, 404), (CD, 201)),
    post("delivery:key-revoke", "key", 404, (CA, 404), (CD, 302), **WHY),
    get("delivery:who", "", 200, (CC, 403), (BS, 200)),
    post("delivery:who", "", 400, (CC, 403), (BS, 400)),
    post("delivery:who-more", "", 400, (CC, 403), (BS, 400)),  # a question that was recorded, and one's own
    get("delivery:grant", "grant", 404, (CC, 200), (PA, 200)),
    post("delivery:suspend", "grant", 404, (CC, 403), (PA, 302), **{"suspend-reason": "用途不符"}),
    post("delivery:suspend", "grant", 404, (PC, 403), (PA, 400)),
    post("delivery:resume", "stopped_grant", 404, (CC, 403), (PA, 302), **{"resume-note": "已整改"}),
    post("delivery:end", "grant", 404, (CC, 403), (PA, 400)),
    post("delivery:bind", "grant", 404, (PA, 403), (CD, 302), **{"bind-key": "@key"}),
)
CONTENT = {"title": "企业登记信息"}
REST = (
    signed_in("api:openapi-json"),
    signed_in("api:api-root", status=404),
    signed_in("api:list_entries"),
    post("api:create_entry", "", 403, (PS, 403), (PC, 201), department="@provider", **CONTENT),
    signed_in("api:get_entry", "published_entry"),
    post("api:start_revision", "published_entry", 403, (PS, 403), (PC, 201)),
    post("api:withdraw_entry", "published_entry", 403, (PC, 403), (PA, 204), **WHY),
    get("api:get_revision", "draft", 404, (PS, 200), (PC, 200)),
    put("api:save_draft", "draft", 404, (PS, 403), (PC, 200), seen=1, **CONTENT),
    post("api:submit", "draft", 404, (PC, 403), (PA, 200)),
    post("api:send_back", "submitted", 404, (PA, 403), (BR, 200), reasons=[{"what": "写明地区"}]),
    post("api:publish", "submitted", 404, (PA, 403), (BR, 200)),
    get("api:review", "", 403, (PA, 403), (BR, 200)),
    signed_in("api:resources-list"),
    signed_in("api:resources-get", "published_resource"),
    get("api:resources-get", "unpublished_resource", 404, (PS, 200), (PC, 200)),
    get("api:resources-versions", "unpublished_resource", 404, (PS, 200), (PC, 200)),
    post("api:resources-upload", "unpublished_resource", 404, (PS, 403), (PC, 400)),
    tus("POST", "api:resources-transfers", "unpublished_resource", 404, (PS, 403), (PC, 201)),
    get("api:resources-transfer", "transfer", 404, (PS, 403), (PC, 200)),
    tus("HEAD", "api:resources-transfer", "transfer", 404, (PS, 403), (PC, 200)),
    tus("PATCH", "api:resources-transfer", "transfer", 404, (PS, 403), (PC, 204)),
    tus("DELETE", "api:resources-transfer", "transfer", 404, (PS, 403), (PC, 204)),
    get("api:resources-version", "published_version", 404, (PS, 200), (PC, 200)),
    get("api:resources-version-quarantine", "published_version", 404, (PS, 200), (PC, 200)),
    get("api:resources-version-reading", "uploaded", 404, (PS, 403), (PC, 200)),
    post("api:resources-version-reading", "uploaded", 404, (PS, 403), (PC, 200), header_row=1),
    signed_in("api:sharing-requests"),
    post(
        *("api:sharing-create", "", 403, (CD, 403), (CC, 201)),
        entry_id="@conditional_entry", department_id="@consumer",
    ),
    post(
        *("api:sharing-use", "", 403, (CD, 403), (CA, 409)),
        entry_id="@direct_entry", department_id="@consumer",
    ),
    get("api:sharing-request", "asked", 404, (CD, 200), (PA, 200)),
    get("api:sharing-request", "drafted", 404, (PA, 404), (CC, 200)),
    put("api:sharing-save", "drafted", 404, (CD, 403), (CC, 200)),
    post("api:sharing-submit", "drafted", 404, (CC, 403), (CA, 200)),
    post("api:sharing-supplement", "supplement", 404, (PA, 403), (CA, 400)),
    post("api:sharing-withdraw", "asked", 404, (PA, 403), (CA, 200), note="不再需要"),
    post("api:sharing-approve", "asked", 404, (CA, 403), (PA, 200)),
    post("api:sharing-refuse", "asked", 404, (CA, 403), (PA, 409)),
    post("api:sharing-ask-supplement", "asked", 404, (CA, 403), (PA, 200), points=["材料"]),
    post("api:sharing-ask-extension", "asked", 404, (CA, 403), (PA, 200), days=1, **WHY),
    post("api:sharing-consent", "extension", 404, (PA, 403), (BR, 200)),
    post("api:sharing-deny", "extension", 404, (PA, 403), (BS, 200), note="理由不充分"),
    signed_in("api:delivery-grants"),
    get("api:delivery-grant", "grant", 404, (CC, 200), (PA, 200)),
    post("api:delivery-suspend", "grant", 404, (CC, 403), (PA, 200), **WHY),
    post("api:delivery-resume", "stopped_grant", 404, (CC, 403), (PA, 200), **WHY),
    post("api:delivery-end", "grant", 404, (CC, 403), (CA, 200), ground="fulfilled", **WHY),
    post("api:delivery-bind", "grant", 404, (PA, 403), (CD, 200), key_id="@key"),
    get("api:delivery-keys", "", 403, (CC, 403), (CD, 200)),
    post("api:delivery-key-create", "", 403, (CC, 403), (CD, 201), department_id="@consumer", system="甲"),
    post("api:delivery-key-rotate", "key", 404, (CC, 404), (CD, 201)),
    post("api:delivery-key-revoke", "key", 404, (CA, 404), (CD, 200), **WHY),
)  # fmt: skip
ONE_SOURCE = (
    signed_in("catalog:pairs"),
    get("catalog:pair", "pair", 404, (PS, 200), (BR, 200)),
    post("catalog:keep-both", "pair", 404, (PC, 403), (BR, 302), note="口径不同"),
    post("catalog:merge", "pair", 404, (PC, 403), (PA, 302), keep="@kept", note="同一批"),
    signed_in("catalog:entry", "merged", 302),
    signed_in("catalog:entry-sources", "published_entry"),
    get("catalog:entry-sources", "draft_entry", 404, (PS, 200), (PC, 200)),
    post("catalog:separate", "merged", 403, (PS, 403), (PC, 302), **WHY),
    signed_in("catalog:spread"),
    signed_in("catalog:spread-item", "spread"),
    post("catalog:designate", "spread", 403, (PA, 403), (BR, 409), department="@provider", **WHY),
    signed_in("catalog:sources"),
    post("catalog:end-source", "source", 403, (PA, 403), (BR, 302), **WHY),
    signed_in("catalog:emergencies"),
    get("catalog:new-emergency", "", 200, (PS, 403), (PA, 200)),
    post("catalog:new-emergency", "", 400, (PS, 403), (PA, 400)),
    get("catalog:emergency", "emergency", 404, (PS, 200), (PA, 200)),
    post("catalog:end-emergency", "emergency", 404, (PC, 403), (PA, 302), disposal="已销毁"),
    signed_in("sharing:collecting"),
    get("sharing:collecting-new", "", 200, (PS, 403), (PC, 200)),
    post("sharing:collecting-new", "", 400, (PS, 403), (PC, 400)),
    get("sharing:collecting-check", "check", 404, (PS, 200), (PC, 200)),
    post("sharing:collecting-decide", "check", 404, (PS, 403), (PC, 400)),
    get("sharing:collecting-export", "check", 404, (BR, 200), (PC, 200)),
)
LOGIN = (
    everybody("accounts:login", status=302),
)  # whoever is signed in goes on; see below for everybody else
ROWS = (
    *OPEN,
    *OWN,
    *CATALOG,
    *ONE_SOURCE,
    *RESOURCES,
    *SHARING,
    *DELIVERY,
    *REST,
    *LOGIN,
    *(row for part in PARTS for row in part.ROWS),
)
OF_NINJA = {"api:openapi-json", "api:api-root"}  # these two only read, whatever the method
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
        status = 200 if row in LOGIN else row.stranger
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
        served = {row.method for row in rows} | ({"POST"} if rows[0] in LOGIN else set())
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
