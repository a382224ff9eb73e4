"""The query language: what is parsed, what is refused and under which name."""

from __future__ import annotations

import base64
import json
import threading

import msgspec
import pytest

from shuqiao.kernel import InvalidInput, RuleRefused
from shuqiao.store import (
    ColumnScope,
    Condition,
    Mask,
    NotInScope,
    Op,
    Predicate,
    Query,
    Scope,
    SortKey,
    Store,
    VersionHandle,
    build,
    sniff,
)

ROWS = [
    ("001", "营口港务局", "营口", 12, "1.50"),
    ("002", "鲅鱼圈", "营口", 7, "2.25"),
    ("003", "铁西区", "沈阳", 30, "3.00"),
]
KEY = b"k" * 32


@pytest.fixture(scope="module")
def handle(tmp_path_factory: pytest.TempPathFactory) -> VersionHandle:
    folder = tmp_path_factory.mktemp("query [1]*")  # a path that could be taken for a pattern
    path = folder / "t.csv"
    path.write_text(
        "编码,名称,地区,数量,金额\n" + "".join(",".join(map(str, row)) + "\n" for row in ROWS),
        encoding="utf-8",
    )
    recipe = msgspec.structs.replace(sniff(path).recipe(), keys=(("编码",), ("地区", "数量")))
    return Store(folder / "store").open(build(path, recipe, folder / "store").id)


@pytest.fixture
def whole(handle: VersionHandle) -> Scope:
    return Scope.whole(handle.columns)


def codes(handle: VersionHandle, scope: Scope, **params: str) -> list[str]:
    return [row["编码"] for row in handle.rows(Query.parse(params), scope).rows]


def test_parameters_become_a_query() -> None:
    pairs = [
        ("select", "编码, 名称"),
        ("地区", "营口"),
        ("数量__gte", "5"),
        ("编码__in", "001,002"),
        ("a__b", "x"),
        ("sort", "-数量,编码"),
        ("limit", "20"),
        ("count", "exact"),
    ]
    assert Query.parse(pairs) == Query(
        select=("编码", "名称"),
        filters=(
            Predicate("地区", Op.EQ, ("营口",)),
            Predicate("数量", Op.GTE, ("5",)),
            Predicate("编码", Op.IN, ("001", "002")),
            Predicate("a__b", Op.EQ, ("x",)),
        ),
        sort=(SortKey("数量", True), SortKey("编码")),
        limit=20,
        count="exact",
    )


def test_every_bad_parameter_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        Query.parse([("limit", "10001"), ("count", "maybe"), ("select", "a"), ("select", "b")])
    assert sorted(problem.where for problem in caught.value.problems) == ["count", "limit", "select"]


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "", "٣", "9" * 30])
def test_limits_outside_are_refused(limit: str) -> None:
    with pytest.raises(InvalidInput, match="limit"):
        Query.parse({"limit": limit})


def test_names_and_codes_mean_the_same(handle: VersionHandle, whole: Scope) -> None:
    assert codes(handle, whole, c3="营口") == codes(handle, whole, 地区="营口") == ["001", "002"]


def test_operators(handle: VersionHandle, whole: Scope) -> None:
    assert codes(handle, whole, 数量__between="7,12") == ["001", "002"]
    assert codes(handle, whole, 金额__gt="2.25") == ["003"]
    assert codes(handle, whole, 金额="3") == ["003"]
    assert codes(handle, whole, 名称__contains="区", sort="-数量") == ["003"]
    assert codes(handle, whole, 名称__startswith="营口") == ["001"]
    assert codes(handle, whole, 编码__ne="001", sort="数量") == ["002", "003"]
    assert codes(handle, whole, 名称__isnull="true") == []


def test_unknown_columns_and_bad_values_are_named(handle: VersionHandle, whole: Scope) -> None:
    with pytest.raises(InvalidInput) as caught:
        handle.rows(Query.parse({"select": "编码,没有", "c99": "x"}), whole)
    assert [problem.where for problem in caught.value.problems] == ["没有", "c99"]
    with pytest.raises(InvalidInput, match="没有“like”这种比较，可用的有 eq、ne"):
        handle.rows(Query.parse({"名称__like": "x"}), whole)
    with pytest.raises(InvalidInput) as caught:
        handle.rows(Query.parse({"数量": "十二", "金额__lt": "1.234", "名称__contains": "\ud800"}), whole)
    assert [problem.where for problem in caught.value.problems] == ["数量", "金额", "名称"]


@pytest.mark.parametrize(
    "params",
    [{"select": "名称"}, {"名称": "x"}, {"名称__isnull": "true"}, {"c2__contains": "营"}, {"sort": "-名称"}],
)
def test_a_column_that_is_not_granted_cannot_be_probed(handle: VersionHandle, params: dict[str, str]) -> None:
    scope = Scope.of(["编码", "地区"])
    with pytest.raises(NotInScope) as caught:
        handle.rows(Query.parse(params), scope)
    assert isinstance(caught.value, RuleRefused)
    assert caught.value.decision.rule == "sharing.scope.not_wider"
    assert caught.value.columns == ("名称",)
    with pytest.raises(NotInScope):
        handle.export(Query.parse(params), scope, "csv")


@pytest.mark.parametrize("params", [{"名称": "营口港务局"}, {"名称__startswith": "营"}, {"sort": "名称"}])
def test_a_masked_column_is_shown_masked_and_cannot_be_probed(
    handle: VersionHandle, params: dict[str, str]
) -> None:
    scope = Scope((ColumnScope("编码"), ColumnScope("名称", Mask.KEEP_ENDS)))
    with pytest.raises(NotInScope, match="脱敏"):
        handle.rows(Query.parse(params), scope)
    assert handle.rows(Query(limit=1), scope).rows == [{"编码": "001", "名称": "营***局"}]


def test_the_row_condition_binds_lookups_pages_counts_and_exports(handle: VersionHandle) -> None:
    where = Condition.from_json([{"column": "地区", "op": "eq", "values": ["营口"]}])
    scope = Scope.of(["编码", "名称"], where)
    assert handle.lookup(["编码"], ["003"], scope) == []
    assert handle.lookup(["编码"], ["002"], scope) == [{"编码": "002", "名称": "鲅鱼圈"}]
    assert handle.rows(Query(count="exact"), scope).total == 2
    assert [row["编码"] for row in json.loads(b"".join(handle.export(Query(), scope, "json")))] == [
        "001",
        "002",
    ]
    assert Condition.from_json(json.dumps(where.to_json())) == where


@pytest.mark.parametrize(
    "scope",
    [
        Scope.of(["编码"], Condition((Predicate("没有", Op.EQ, ("x",)),))),
        Scope((ColumnScope("数量", Mask.YEAR),)),
        Scope((ColumnScope("编码", Mask.HASH),)),
        Scope.of(["没有"]),
    ],
)
def test_a_scope_that_cannot_be_held_to_gives_nothing(handle: VersionHandle, scope: Scope) -> None:
    with pytest.raises(NotInScope):
        handle.rows(Query(), scope)


def test_lookups_need_a_declared_key_granted_unmasked(handle: VersionHandle, whole: Scope) -> None:
    assert handle.lookup(["地区", "数量"], ["营口", "7"], whole)[0]["编码"] == "002"
    with pytest.raises(InvalidInput, match="查询键"):
        handle.prepare_lookup(["名称"], whole)
    with pytest.raises(NotInScope):
        handle.prepare_lookup(["编码"], Scope.of(["名称"]))
    with pytest.raises(NotInScope):
        handle.prepare_lookup(["编码"], Scope((ColumnScope("编码", Mask.HASH),), hash_key=KEY))
    with pytest.raises(InvalidInput, match="数量"):
        handle.prepare_lookup(["地区", "数量"], whole).run(["营口", "七"])
    with pytest.raises(InvalidInput):
        handle.prepare_lookup(["编码"], whole).run(["\ud800"])


def test_hashed_columns_join_within_a_grant_only(handle: VersionHandle) -> None:
    def hashed(key: bytes) -> list[str]:
        scope = Scope((ColumnScope("地区", Mask.HASH),), hash_key=key)
        return [row["地区"] for row in handle.rows(Query(), scope).rows]

    first, other = hashed(KEY), hashed(b"o" * 32)
    assert first[0] == first[1] != first[2]
    assert not set(first) & set(other)


def test_cursors_belong_to_a_version_and_an_order(handle: VersionHandle, whole: Scope) -> None:
    cursor = handle.rows(Query(limit=1), whole).next_cursor
    assert cursor is not None
    assert codes(handle, whole, cursor=cursor) == ["002", "003"]
    with pytest.raises(InvalidInput, match="排序"):
        handle.rows(Query(cursor=cursor, sort=(SortKey("数量"),)), whole)
    parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    other = base64.urlsafe_b64encode(json.dumps(["0" * 16, *parts[1:]]).encode()).decode().rstrip("=")
    with pytest.raises(InvalidInput, match="新版本"):
        handle.rows(Query(cursor=other), whole)
    for bad in ("x", "====", "W10", base64.urlsafe_b64encode(b'["a",[],[true]]').decode(), "[" * 50):
        with pytest.raises(InvalidInput):
            handle.rows(Query(cursor=bad), whole)


def test_a_prepared_lookup_serves_many_threads(handle: VersionHandle, whole: Scope) -> None:
    prepared = handle.prepare_lookup(["编码"], whole, select=["名称"])
    found: list[list[tuple[str]]] = []

    def ask() -> None:
        found.extend(prepared.run((code,)) for code in ("001", "002", "003") * 200)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2_400
    assert {row[0] for rows in found for row in rows} == {row[1] for row in ROWS}
