"""Every kind of page that people reach without a case: nothing serious for axe, and nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Installation

pytestmark = pytest.mark.e2e
AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
WIDTHS = (1440, 390)
UNKNOWN = "01a20022-ebba-7955-a6ed-923614412400"
OPEN = (
    "/",
    "/open/?q=企业",
    "/open/basis/",
    "/account/login/",
    "/receipts/",
    "/receipts/gw1-000000000001-aaaaaaaa/",
    f"/open/{UNKNOWN}/",
)
WORK = {
    "provider-cataloguer": (
        "/work/",
        "/work/done/",
        "/work/notices/",
        "/organizations/filings/",
        "/catalog/",
        "/catalog/mine/",
        "/catalog/new/",
        "/catalog/import/",
        "/catalog/exports/",
        "/resources/",
        "/resources/mount/",
        "/sharing/",
        "/catalog/review/",
        "/account/password/",
    ),
    "bureau-reviewer": ("/catalog/review/", "/resources/?state=review"),
    "bureau-supervisor": ("/work/supervision/",),
    "consumer-developer": ("/grants/", "/grants/keys/"),
    "admin": ("/work/",),
}


@pytest.fixture
def visitor(installation: Installation, browser: Browser) -> Iterator[Page]:
    """Somebody who has not signed in."""
    context = browser.new_context(base_url=installation.web, locale="zh-CN", bypass_csp=True)
    yield context.new_page()
    context.close()


def findings_of(page: Page, address: str) -> list[str]:
    """What axe calls serious or critical here, and every width at which the page scrolls sideways."""
    found = []
    page.goto(address)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{address} at {width}: {wide} px wide")
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert len(result["passes"]) > 5, "axe has looked"
        found += [
            f"{address} at {width}: {one['id']} {one['nodes'][0]['html'][:160]}"
            for one in result["violations"]
            if one["impact"] in {"serious", "critical"}
        ]
    return found


def test_the_open_platform_is_accessible(visitor: Page) -> None:
    assert [line for address in OPEN for line in findings_of(visitor, address)] == []


@pytest.mark.parametrize("username", WORK)
def test_the_workbench_is_accessible(username: str, sign_in: Callable[[str], Page]) -> None:
    page = sign_in(username)
    assert [line for address in WORK[username] for line in findings_of(page, address)] == []


@pytest.mark.parametrize("look", ["dark", "elder"])
def test_the_other_looks_are_accessible_too(look: str, visitor: Page) -> None:
    name = "sq-theme" if look == "dark" else "sq-size"
    visitor.add_init_script(f"localStorage.setItem('{name}', '{look}')")
    addresses = ("/", "/account/login/")
    assert [line for address in addresses for line in findings_of(visitor, address)] == []
    attribute = {"dark": "data-bs-theme", "elder": "data-size"}[look]
    assert visitor.locator("html").get_attribute(attribute) == look
