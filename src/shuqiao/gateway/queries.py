"""The third room: what is asked, read from the address into the store's query."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec

from shuqiao.gateway.bodies import KeysAsked
from shuqiao.gateway.book import ResourceRow
from shuqiao.gateway.evidence import Draft
from shuqiao.gateway.refusals import Refused
from shuqiao.kernel import InvalidInput
from shuqiao.store import MAX_KEYS, Aggregate, Query
from shuqiao.store.conditions import Scalar

INVALID = "gateway.query.invalid"
_LOOKUP_PARAMETERS = frozenset({"select", "by"})
_NOT_FOR_EXPORTS = ("limit", "cursor", "count")
_BOM = "bom"
_BODY_PARTS = {
    "keys": f"1 至 {MAX_KEYS} 个键的列表，每个键是一个列表，按 by 的次序列出各列的值",
    "by": "列名的列表",
    "select": "列名的列表",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be read: a query, for a lookup the columns of its key, for an export the name of the file and
    whether it begins with a byte order mark, without which spreadsheet programs misread Chinese CSV. `keys` are
    those of a lookup of many."""

    query: Query
    by: tuple[str, ...] = ()
    name: str = ""
    bom: bool = False
    keys: list[list[Scalar]] = field(default_factory=list)


_WHOLE_ROW = Query()


def parse_reading(draft: Draft, resource: ResourceRow, most: int) -> Reading:
    """The reading that an address means. Raises Refused (400) for more than `most` parameters, for text that is
    not UTF-8, and for what cannot be asked at this address."""
    action, query = draft.target.action, draft.request.message.query
    if action == "lookup" and not query:
        return Reading(_WHOLE_ROW, _key_of(draft, resource, ""))
    pairs = _pairs(query, most)
    try:
        if action == "lookup":
            return _lookup(draft, resource, pairs)
        if action == "lookups":
            return _lookups(draft, resource, pairs)
        if action in ("file", "openapi"):
            return _nothing(pairs)
        if draft.target.format:
            return _export(draft, resource, pairs)
        query_asked = Query.parse(pairs)
        if action == "aggregate" and not query_asked.aggregated:
            query_asked = msgspec.structs.replace(query_asked, aggregates=(Aggregate.parse("count"),))
        return Reading(query_asked)
    except InvalidInput as error:
        raise Refused(400, INVALID, str(error)) from error


def _export(draft: Draft, resource: ResourceRow, pairs: list[tuple[str, str]]) -> Reading:
    out_of_place = [name for name, _ in pairs if name in _NOT_FOR_EXPORTS]
    if out_of_place:
        raise InvalidInput.one(out_of_place[0], "导出总是给出全部行，不能用这个参数")
    marks = [value for name, value in pairs if name == _BOM]
    if marks and (draft.target.format != "csv" or marks not in (["0"], ["1"])):
        raise InvalidInput.one(_BOM, "只用于 csv，取 0 或 1：1 表示文件以字节序标记开头，供表格软件打开")
    asked = [(name, value) for name, value in pairs if name != _BOM]
    return Reading(Query.parse(asked), name=f"{resource.name}.{draft.target.format}", bom=marks == ["1"])


def _pairs(query: str, most: int) -> list[tuple[str, str]]:
    if query.count("&") >= most:
        raise Refused(400, "gateway.query.parameters", f"参数最多 {most} 个")
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise Refused(400, "gateway.query.encoding", "查询参数应为 UTF-8 的百分号编码") from error


def _lookup(draft: Draft, resource: ResourceRow, pairs: list[tuple[str, str]]) -> Reading:
    others = [name for name, _ in pairs if name not in _LOOKUP_PARAMETERS]
    if others:
        raise InvalidInput.one(others[0], "按键查询只能用 select 和 by")
    asked = [(name, value) for name, value in pairs if name != "by"]
    by = next((value for name, value in pairs if name == "by"), "")
    return Reading(Query.parse(asked), _key_of(draft, resource, by))


def _nothing(pairs: list[tuple[str, str]]) -> Reading:
    if pairs:
        raise InvalidInput.one(pairs[0][0], "这个地址没有参数")
    return Reading(_WHOLE_ROW)


def _lookups(draft: Draft, resource: ResourceRow, pairs: list[tuple[str, str]]) -> Reading:
    """The keys of a body, noted for the evidence: whose row was read must be found afterwards."""
    if pairs:
        raise InvalidInput.one(pairs[0][0], "多键查询的条件写在请求正文里")
    kind = draft.request.message.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "gateway.body.type", "请求正文须为 application/json")
    try:
        asked = msgspec.json.decode(draft.request.body, type=KeysAsked)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(400, INVALID, f"请求正文不对：{_wrong_in_body(str(error))}") from error
    by = _declared_key(resource, tuple(asked.by or ()))
    draft.extra = {**draft.extra, "by": list(by), "keys": asked.keys}
    select = None if asked.select is None else tuple(asked.select)
    return Reading(Query(select=select), by, keys=asked.keys)


def _wrong_in_body(error: str) -> str:
    """What the decoder found, in the words of the one who asks."""
    if found := re.search(r"unknown field `([^`]*)`", error):
        return f"不认识“{found[1]}”，只有 {'、'.join(_BODY_PARTS)}"
    found = re.search(r"at `\$\.(\w+)", error) or re.search(r"required field `(\w+)`", error)
    if found and found[1] in _BODY_PARTS:
        return f"{found[1]} 须是 {_BODY_PARTS[found[1]]}"
    return "须是一个 UTF-8 编码的 JSON 对象"


def _key_of(draft: Draft, resource: ResourceRow, by: str) -> tuple[str, ...]:
    """The columns of the key: the first declared one, or the one `by` names. The address holds a part for each."""
    wanted = _declared_key(resource, tuple(by.split(",")) if by else ())
    if len(draft.target.key) != len(wanted):
        raise Refused(
            400, INVALID, f"查询键有 {len(wanted)} 列，地址中有 {len(draft.target.key)} 个值（以逗号分隔）"
        )
    return wanted


def _declared_key(resource: ResourceRow, by: tuple[str, ...]) -> tuple[str, ...]:
    """The first declared key, or the one that `by` names. Raises Refused (400) when there is none such."""
    declared = [tuple(columns) for columns in resource.lookup_keys]
    if not declared:
        raise Refused(400, INVALID, "这个资源没有声明查询键")
    if by and by not in declared:
        named = "；".join(",".join(columns) for columns in declared)
        raise Refused(400, INVALID, f"by：不是声明过的查询键（已声明：{named}）")
    return by or declared[0]
