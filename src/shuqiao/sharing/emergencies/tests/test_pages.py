"""Pages of an emergency, from its declaration to its review."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shuqiao.delivery.models import Grant
from shuqiao.kernel.time import today
from shuqiao.sharing.emergencies.tests.conftest import BUREAU
from shuqiao.sharing.models import SharingEmergency


@pytest.mark.article("yingkou-2022", "33")
def test_the_whole_way_by_pages(city, client_of, table):
    bureau = client_of(BUREAU)
    said = {"division": "210800", "event": "城区内涝", "reason": "安置", "divisions": ["210800"]}
    assert bureau.post("/sharing/emergencies/new/", said).status_code == 400
    until = (today() + timedelta(days=5)).isoformat()
    bureau.post("/sharing/emergencies/new/", {**said, "until": until})
    case = SharingEmergency.objects.get()
    page = f"/sharing/emergencies/{case.id}/"
    assert "城区内涝" in bureau.get("/sharing/emergencies/").content.decode()
    chosen = bureau.get(f"{page}share/", {"entry": f"/catalog/{table.entry_id}/"})
    assert chosen.headers["Location"] == f"{page}share/{table.entry_id}/"
    form = {
        "departments": [str(city.other.id)],
        "purpose": "核对",
        "modes": ["interface"],
        "level-企业名称": "full",
    }
    assert bureau.post(chosen.headers["Location"], form).status_code == 302
    grant = Grant.objects.get()
    assert grant.grantee == city.other
    assert grant.title in client_of("stranger").get(page).content.decode()
    bureau.post(f"{page}end/", {"reason": "水退了"})
    assert "审查" in bureau.get(page).content.decode()
    bureau.post(f"{page}review/", {"findings": "必要"})
    case.refresh_from_db()
    assert case.status == "reviewed"
    assert len(case.review_json) == 1
