"""GeoJSON (RFC 7946): every feature a row, its properties the columns, its geometry compact GeoJSON in a text cell.

GeoJSON and not WKT: coordinates keep the digits they were written with, elevations and foreign members too.
"""

from __future__ import annotations

from typing import Any

from shuqiao.store.reading.json_records import JsonReader, sound
from shuqiao.store.reading.source import Source
from shuqiao.store.types import Format

COLLECTION = "features[]"
GEOMETRY = "geometry"
_KNOWN = frozenset({"type", "properties", GEOMETRY})


class GeoJsonReader(JsonReader):
    """Features of a collection (`path` ``features[]``), or one feature a line (`path` empty)."""

    def __init__(
        self, source: Source, encoding: str, path: str, columns: list[str], *, growing: bool = False
    ) -> None:
        super().__init__(source, encoding, path, columns, lines=not path, growing=growing)
        self.format = Format.GEOJSON

    def record_of(self, value: Any) -> dict[str, Any] | str:
        """A feature as a flat record, or what is wrong with it."""
        if not isinstance(value, dict) or value.get("type") != "Feature":
            return "不是一个 GeoJSON 要素（Feature）"
        properties = sound(value).get("properties")
        if not isinstance(properties, dict | None):
            return "要素的 properties 不是对象"
        return record_of(value, sound(properties or {}))


def record_of(feature: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """The columns of a feature. The feature's own members beside the geometry are called ``@id``, ``@bbox``…; a
    property that happens to bear such a name is called ``properties.…``."""
    record = {_property(name): item for name, item in properties.items()}
    record |= {f"@{name}": item for name, item in feature.items() if name not in _KNOWN}
    record[GEOMETRY] = feature.get(GEOMETRY)
    return record


def _property(name: str) -> str:
    return f"properties.{name}" if name == GEOMETRY or name.startswith(("@", "properties.")) else name
