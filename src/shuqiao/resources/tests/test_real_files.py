"""The whole way of real files: messy in, typed and counted out, nothing lost without a report."""

from __future__ import annotations

import gzip
import json

import pytest

from shuqiao.resources import profiles, queries, services
from shuqiao.resources.models import Version
from shuqiao.resources.quarantine import list_quarantine
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import FIRMS
from shuqiao.resources.types import Status
from shuqiao.store import Store

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]


def records(version: Version) -> list[dict[str, object]]:
    import pyarrow.parquet as parquet

    path = Store(queries.store_root()).path_of(version.store_version) / "data.parquet"
    table = parquet.read_table(path)
    names = {column["code"]: column["name"] for column in version.schema}
    return [{names[k]: v for k, v in row.items() if k in names} for row in table.to_pylist()]


@pytest.mark.article("yingkou-2022", "21")
@pytest.mark.article("shenyang-2020", "16")
@pytest.mark.article("national-2025", "18")
def test_enterprises_of_liaoning_with_their_spoiled_rows(city, shared_data):
    resource = factories.mount(city, FIRMS, sensitive=("法人代表",))
    version = factories.upload(city, resource, shared_data / "enterprises_liaoning_1980-2004.csv.gz")
    assert version.preview["encoding"] == "utf-8"
    version = factories.build(city, version)
    assert version.status == Status.BUILT, version.error
    assert (version.rows, version.quarantined) == (51_661, 32)
    page = list_quarantine(version, page=1)
    assert page.total == 32
    assert all(line.reasons and line.raw and line.line > 1 for line in page.lines)
    assert [one["column"] for one in version.personal] == ["法人代表"]
    profile = {one.name: one for one in profiles.lines_of(version, frozenset(FIRMS))}
    assert profile["统一社会信用代码"].distinct > 50_000
    assert profile["注册日期"].type == "日期"
    # A sign for nothing in a column of text is kept as written, unless the publisher ticks it.
    assert profile["企业类型"].missing == 0
    assert "N/A" in str(profile["企业类型"].frequent)
    assert profile["法人代表"].frequent == profile["法人代表"].shapes == ()
    factories.submit(city, version)
    services.publish_version(actor=city.actor("bureau-reviewer"), version_id=version.id, on=factories.TODAY)
    facts = queries.published_table(resource.id)
    assert facts.rows == 51_661
    assert facts.lookup_keys == (("统一社会信用代码",),)
    assert facts.sensitive_columns == {"法人代表"}
    with gzip.open(shared_data / "enterprises_liaoning_1980-2004.csv.gz", "rt", encoding="utf-8") as file:
        first = file.readlines()[1].split(",")
    assert records(version)[0]["企业名称"] == first[0]


def test_streets_in_gb18030_keep_their_four_byte_names(city, shared_data):
    items = ("code", "name", "areaCode", "provinceCode", "cityCode")
    resource = factories.mount(city, items)
    version = factories.build(
        city, factories.upload(city, resource, shared_data / "admin_streets_2023.gb18030.csv")
    )
    assert (version.rows, version.quarantined) == (41_352, 0)
    assert version.preview["encoding"] == "gb18030"
    rows = records(version)
    outside = [row for row in rows if any(not _in_gbk(char) for char in row["name"])]
    assert len(outside) == 8
    assert all(len(row["code"]) == 9 and isinstance(row["code"], str) for row in rows)


def _in_gbk(char: str) -> bool:
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def test_the_messy_sheet_of_universities(city, shared_data):
    items = ("序号", "学校名称", "学校标识码", "主管部门", "所在地", "办学层次", "备注")
    resource = factories.mount(city, items)
    version = factories.build(
        city, factories.upload(city, resource, shared_data / "universities_moe_2017.xls")
    )
    assert version.rows == 2_631
    assert version.preview["header_row"] == 3
    assert version.reported["separator"] == 31
    assert version.reported["title"] == 2
    kinds = {line.kind for line in list_quarantine(version, page=1, kind="separator").lines}
    assert kinds == {"separator"}
    assert json.dumps(version.head, ensure_ascii=False).count("附件1") == 1
