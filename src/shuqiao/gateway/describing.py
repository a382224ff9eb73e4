"""The description of one resource for one reader: the columns of the grant, their types, its keys and filters. What is
not granted is not in it."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import orjson

from shuqiao.gateway import openapi
from shuqiao.gateway.answers import JSON, Outcome
from shuqiao.journal import sm3
from shuqiao.store import EXPORT_FORMATS, Column, ColumnType, Mask, Op

if TYPE_CHECKING:
    from shuqiao.gateway.running import Runner
    from shuqiao.gateway.ways import Read

Schema = dict[str, Any]

_TYPES: dict[ColumnType, Schema] = {
    ColumnType.TEXT: {"type": ["string", "null"]},
    ColumnType.INTEGER: {"type": ["integer", "null"]},
    ColumnType.DECIMAL: {"type": ["string", "null"], "description": "小数，写成文本以免失真"},
    ColumnType.DATE: {"type": ["string", "null"], "description": "YYYY-MM-DD"},
    ColumnType.DATETIME: {"type": ["string", "null"], "description": "ISO 8601"},
    ColumnType.BOOLEAN: {"type": ["boolean", "null"]},
}
_TEXT_ONLY = (Op.CONTAINS, Op.STARTSWITH)
_ORDERED = (Op.LT, Op.LTE, Op.GT, Op.GTE, Op.BETWEEN)
_MOST_FILTERS = 600


def describe(read: Read, runner: Runner) -> Outcome:
    """The answer at …/openapi.json: what this grant gives of this version."""
    handle, let_go = runner.take(read.draft.version)
    try:
        if handle.meta.content is not None:
            shown: list[tuple[Column, Mask]] = []
        else:
            by_name = {column.name: column for column in handle.columns}
            shown = [
                (by_name[granted.name], granted.mask)
                for granted in read.held.scope.columns
                if granted.name in by_name
            ]
        body = orjson.dumps(_document(read, shown, is_file=handle.meta.content is not None))
    finally:
        let_go()
    names = [column.name for column, _ in shown]
    return Outcome(names, 0, sm3(body).hex(), JSON, body)


def _document(read: Read, shown: list[tuple[Column, Mask]], *, is_file: bool) -> Schema:
    schemas = openapi.components()
    if is_file:
        paths = {_at(read, "file"): openapi.file_operations(())}
    else:
        schemas["schemas"]["FiguresPage"] = deepcopy(schemas["schemas"]["RowsPage"])
        schemas["schemas"]["Row"] = _row(shown)
        for name in ("RowFound", "RowsFound", "KeysFound", "RowsPage"):
            _narrow(schemas["schemas"][name]["properties"])
        paths = _table_paths(read, shown)
    return openapi.document(read.resource.name, paths, schemas)


def _at(read: Read, place: str) -> str:
    return f"/v1/resources/{read.resource.id}/{place}"


def _table_paths(read: Read, shown: list[tuple[Column, Mask]]) -> Schema:
    modes = set(read.held.row.modes) if read.held.row else {"interface", "file"}
    open_columns = [column for column, mask in shown if mask is Mask.NONE]
    filters = _filters(open_columns)
    select = {**openapi.SELECT, "description": f"{'、'.join(column.name for column, _ in shown)}，以逗号分隔"}
    names = [column.name for column in open_columns]
    keys = [key for key in read.resource.lookup_keys if set(key) <= set(names)]
    paths: Schema = {}
    if "interface" in modes:
        page = {openapi.JSON_TYPE: openapi.reference("RowsPage")}
        groups = {openapi.JSON_TYPE: openapi.reference("FiguresPage")}
        figures = [openapi.GROUP, openapi.AGGREGATE, openapi.SORT, *openapi.PAGING, *filters]
        asked = [select, openapi.SORT, *openapi.PAGING, *filters]
        paths[_at(read, "rows")] = {"get": openapi.page_operation("一页行", asked, page)}
        paths[_at(read, "aggregate")] = {"get": openapi.page_operation("分组统计", figures, groups)}
        paths |= _key_paths(read, keys, select)
    if modes & {"file", "batch"}:
        for extension in EXPORT_FORMATS:
            operation = openapi.export_operation(extension, [select, openapi.SORT, *filters])
            paths[_at(read, f"export.{extension}")] = {"get": operation}
    return paths


def _key_paths(read: Read, keys: list[list[str]], select: Schema) -> Schema:
    if not keys:
        return {}
    by = {**openapi.BY, "schema": {"type": "string", "enum": [",".join(key) for key in keys]}}
    one = {"oneOf": [openapi.reference("RowFound"), openapi.reference("RowsFound")]}
    return {
        _at(read, "rows/{key}"): {
            "get": openapi.operation(
                "按键查一行", [openapi.KEY, select, by], {openapi.JSON_TYPE: one}, tagged=True
            )
        },
        _at(read, "lookup"): {"post": openapi.lookup_operation(())},
    }


def _row(shown: list[tuple[Column, Mask]]) -> Schema:
    properties = {}
    for column, mask in shown:
        schema = _TYPES[column.type] if mask is Mask.NONE else {"type": ["string", "null"]}
        properties[column.name] = schema if mask is Mask.NONE else {**schema, "description": mask.label}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _narrow(properties: Schema) -> None:
    """Rows are rows of this grant."""
    row = openapi.reference("Row")
    if "row" in properties:
        properties["row"] = row
    elif properties["rows"]["items"].get("type") == "array":
        properties["rows"]["items"] = {"type": "array", "items": row}
    else:
        properties["rows"]["items"] = row


def _filters(columns: list[Column]) -> list[Schema]:
    """A parameter for each column and operator; for a very wide table only equality."""
    found = []
    for column in columns:
        found.append(openapi.query_parameter(column.name, f"{column.name}（{column.type.label}）等于"))
        if len(columns) * len(Op) <= _MOST_FILTERS:
            found += [
                openapi.query_parameter(f"{column.name}__{op}", f"{column.name} {op.label}")
                for op in Op
                if _fits(op, column.type)
            ]
    return found


def _fits(op: Op, kind: ColumnType) -> bool:
    if op in _TEXT_ONLY:
        return kind is ColumnType.TEXT
    return not (op in _ORDERED and kind is ColumnType.BOOLEAN)
