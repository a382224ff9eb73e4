"""The description of the gateway's addresses (OpenAPI 3.1), made of the types that requests are read with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from shuqiao import __version__
from shuqiao.gateway import bodies
from shuqiao.gateway.refusals import TITLES
from shuqiao.store import EXPORT_FORMATS, Op
from shuqiao.store.query import DEFAULT_LIMIT, MAX_LIMIT

Schema = dict[str, Any]

_STRUCTS = (
    bodies.KeysAsked,
    bodies.RowFound,
    bodies.RowsFound,
    bodies.KeysFound,
    bodies.RowsPage,
    bodies.ProblemBody,
    bodies.Alive,
    bodies.Readiness,
)
_REFUSALS = (400, 401, 403, 404, 405, 413, 414, 429, 431, 500, 503)
_PROBLEM = "application/problem+json"
JSON_TYPE = "application/json"
_TEXT: Schema = {"type": "string"}
_READ_HEADERS = {
    "Shuqiao-Receipt": ("存证回执编号", _TEXT),
    "Shuqiao-Version": ("数据版本", _TEXT),
    "Shuqiao-Grant": ("所用的授权；开放数据为 open", _TEXT),
    "RateLimit": ("授权还剩多少次，多少秒后更新", _TEXT),
    "RateLimit-Policy": ("授权的限额", _TEXT),
}
_RESOURCE: Schema = {
    "name": "resource",
    "in": "path",
    "required": True,
    "description": "资源编号",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
}
_GRANT: Schema = {
    "name": "Shuqiao-Grant",
    "in": "header",
    "description": "有多个授权可用时，指明用哪一个",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
}
_IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "description": "已有答复的 ETag；没有变化时答 304",
    "schema": {"type": "string", "pattern": '^(W/)?"[A-Za-z0-9_-]{0,64}"$'},
}
KEY: Schema = {
    **_RESOURCE,
    "name": "key",
    "description": "键值；组合键以逗号分隔",
    "schema": {"type": "string", "minLength": 1},
}
BY: Schema = {"name": "by", "in": "query", "description": "查询键的列，以逗号分隔", "schema": _TEXT}


def query_parameter(name: str, text: str, schema: Schema | None = None) -> Schema:
    """A parameter of the query language."""
    return {"name": name, "in": "query", "description": text, "schema": schema or _TEXT}


SELECT = query_parameter("select", "要哪些信息项，以逗号分隔")
SORT = query_parameter("sort", "按哪些信息项排序，以逗号分隔；前加 - 为降序")
_LIMIT = query_parameter(
    "limit", "一页的行数", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
)
_CURSOR = query_parameter("cursor", "上一页答复中的 next")
_COUNT = query_parameter("count", "exact：同时给出总数", {"type": "string", "enum": ["none", "exact"]})
GROUP = query_parameter("group", "按哪些信息项分组，以逗号分隔")
AGGREGATE = query_parameter("aggregate", "统计项，以逗号分隔：count、sum:列、avg:列、min:列、max:列")
_BOM = query_parameter("bom", "1：文件以字节序标记开头", {"type": "string", "enum": ["0", "1"]})
_FILTERS: Schema = {
    "name": "filters",
    "in": "query",
    "description": f"条件：列=值，或 列__op=值；op 为 {'、'.join(Op)}",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
PAGING = (_LIMIT, _CURSOR, _COUNT)


def reference(name: str) -> Schema:
    """A reference to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def components() -> Schema:
    """The schemas of all bodies, and how a caller proves who it is."""
    _, schemas = msgspec.json.schema_components(_STRUCTS, ref_template="#/components/schemas/{name}")
    return {
        "schemas": dict(schemas),
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "<密钥编号>.<密钥>"},
            "signature": {
                "type": "apiKey",
                "in": "header",
                "name": "Signature",
                "description": "RFC 9421，连同 Signature-Input；算法 hmac-sha256 或 hmac-sm3",
            },
        },
    }


def document(title: str, paths: Schema, schemas: Schema) -> Schema:
    """A whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": __version__},
        "paths": paths,
        "components": schemas,
        "security": [{"bearer": []}, {"signature": []}, {}],
    }


def operation(
    summary: str,
    parameters: Iterable[Schema],
    content: Mapping[str, Schema],
    *,
    refusals: Sequence[int] = _REFUSALS,
    tagged: bool = False,
    **more: Any,
) -> Schema:
    """One operation: its answer, that nothing has changed, and every refusal that it can answer with."""
    headers = {
        name: {"description": text, "schema": schema} for name, (text, schema) in _READ_HEADERS.items()
    }
    if tagged:
        headers["ETag"] = {"description": "答复的标记", "schema": _TEXT}
    answers: Schema = {
        "200": {
            "description": "答复",
            "headers": headers,
            "content": {kind: {"schema": schema} for kind, schema in content.items()},
        }
    }
    if tagged:
        answers["304"] = {"description": "没有变化", "headers": headers}
    asked = [*parameters, *((_IF_NONE_MATCH,) if tagged else ())]
    return {"summary": summary, "parameters": asked, "responses": {**answers, **problems(refusals)}, **more}


def problems(statuses: Iterable[int]) -> Schema:
    """Refusals by status, each a problem with rule, reason and basis."""
    said: Schema = {}
    for status in statuses:
        said[str(status)] = {
            "description": TITLES[status],
            "content": {_PROBLEM: {"schema": reference("ProblemBody")}},
        }
        if status in (429, 503):
            said[str(status)]["headers"] = {
                "Retry-After": {"description": "秒", "schema": {"type": "integer"}}
            }
    return said


def page_operation(summary: str, parameters: Iterable[Schema], content: Mapping[str, Schema]) -> Schema:
    """A page, which takes a thread and has a deadline."""
    return operation(summary, parameters, content, refusals=(*_REFUSALS, 504), tagged=True)


def export_operation(extension: str, parameters: Iterable[Schema]) -> Schema:
    """An export in one format."""
    own = [*parameters, *((_BOM,) if extension == "csv" else ())]
    return operation(
        f"导出全部行为 {extension}", own, {EXPORT_FORMATS[extension]: {}}, refusals=(*_REFUSALS, 504)
    )


def file_operations(parameters: Sequence[Schema]) -> Schema:
    """A file, whole or in part."""
    ranged = query_parameter("Range", "一段：bytes=起-止、bytes=起- 或 bytes=-末尾长度")
    ranged = {**ranged, "in": "header", "schema": {"type": "string", "pattern": r"^bytes=\d{1,9}-\d{0,9}$"}}
    refusals = (*_REFUSALS, 416)
    get = operation("读取文件", [*parameters, ranged], {"*/*": {}}, refusals=refusals, tagged=True)
    get["responses"]["206"] = {**get["responses"]["200"], "description": "文件的一段"}
    head = operation("文件有多大，有没有变", parameters, {"*/*": {}}, refusals=_REFUSALS, tagged=True)
    return {"get": get, "head": _bodiless(head)}


def _bodiless(read: Schema) -> Schema:
    """The same operation by HEAD: its answers have no body."""
    answers = {
        status: {part: value for part, value in answer.items() if part != "content"}
        for status, answer in read["responses"].items()
    }
    return {**read, "responses": answers}


def whole_description() -> Schema:
    """Every address of the gateway, whatever the resource."""
    base, shared = "/v1/resources/{resource}", (_RESOURCE, _GRANT)
    one = {"oneOf": [reference("RowFound"), reference("RowsFound")]}
    page = {JSON_TYPE: reference("RowsPage")}
    paths: Schema = {
        f"{base}/rows": {"get": page_operation("一页行", [*shared, SELECT, SORT, *PAGING, _FILTERS], page)},
        f"{base}/rows/{{key}}": {
            "get": operation("按键查一行", [*shared, KEY, SELECT, BY], {JSON_TYPE: one}, tagged=True)
        },
        f"{base}/lookup": {"post": lookup_operation(shared)},
        f"{base}/aggregate": {
            "get": page_operation("分组统计", [*shared, GROUP, AGGREGATE, SORT, *PAGING, _FILTERS], page)
        },
        f"{base}/file": file_operations(shared),
        f"{base}/openapi.json": {
            "get": operation("这个资源的接口说明", shared, {JSON_TYPE: {}}, tagged=True)
        },
        **{
            f"{base}/export.{extension}": {
                "get": export_operation(extension, [*shared, SELECT, SORT, _FILTERS])
            }
            for extension in EXPORT_FORMATS
        },
        **_side_paths(),
    }
    return document("数桥数据网关", paths, components())


def lookup_operation(parameters: Iterable[Schema], asked: Schema | None = None) -> Schema:
    """Many keys in one call."""
    body = {"required": True, "content": {JSON_TYPE: {"schema": asked or reference("KeysAsked")}}}
    found = {JSON_TYPE: reference("KeysFound")}
    refusals = (*_REFUSALS, 415, 504)
    return operation("按多个键查行", parameters, found, refusals=refusals, requestBody=body)


def _side_paths() -> Schema:
    refused = problems((405, 414, 431, 500))

    def side(summary: str, answers: Schema) -> Schema:
        get = {"summary": summary, "security": [{}], "responses": {**answers, **refused}}
        return {"get": get, "head": _bodiless(get)}

    def said(text: str, kind: str, schema: Schema) -> Schema:
        return {"description": text, "content": {kind: {"schema": schema}}}

    ready = reference("Readiness")
    return {
        "/healthz": side("进程在答复", {"200": said("在", JSON_TYPE, reference("Alive"))}),
        "/readyz": side(
            "能否答复读取", {"200": said("能", JSON_TYPE, ready), "503": said("不能", JSON_TYPE, ready)}
        ),
        "/metrics": side("运行指标", {"200": said("指标", "text/plain", _TEXT), **problems((403,))}),
        "/openapi.json": side("这份说明", {"200": said("说明", JSON_TYPE, {})}),
    }
