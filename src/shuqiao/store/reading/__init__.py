"""Reading any source as chunks of text cells. Owns formats, encodings and places in the file; no types."""

from __future__ import annotations

from shuqiao.store.reading.chunks import Chunk, Reader
from shuqiao.store.reading.delimited import DelimitedReader, readable
from shuqiao.store.reading.geojson import GeoJsonReader
from shuqiao.store.reading.json_records import JsonReader
from shuqiao.store.reading.parquet import ParquetReader
from shuqiao.store.reading.sheets import SheetReader
from shuqiao.store.reading.source import Source
from shuqiao.store.reading.xml_records import XmlReader
from shuqiao.store.types import Format, Recipe

__all__ = ["Chunk", "Reader", "Source", "open_reader", "readable"]


def open_reader(source: Source, recipe: Recipe) -> Reader:
    """The source as the recipe says it is to be read."""
    source.choose(recipe.member)
    columns = [plan.source for plan in recipe.columns]
    match recipe.format:
        case Format.CSV:
            return DelimitedReader(source, recipe.encoding, recipe.delimiter, recipe.quote)
        case Format.XLSX | Format.XLS:
            return SheetReader(source, recipe.sheet, recipe.format, recipe.header_row)
        case Format.JSON | Format.NDJSON:
            lines = recipe.format is Format.NDJSON
            return JsonReader(source, recipe.encoding, recipe.path, columns, lines=lines)
        case Format.GEOJSON:
            return GeoJsonReader(source, recipe.encoding, recipe.path, columns)
        case Format.XML:
            return XmlReader(source, recipe.encoding, recipe.path, columns)
        case Format.PARQUET:
            return ParquetReader(source, columns)
