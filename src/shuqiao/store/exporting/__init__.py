"""Exports: all rows of a query under a scope as a file, handed out piece by piece while it is being made."""

from shuqiao.store.exporting.export import EXPORT_FORMATS, Export, export_rows

__all__ = ["EXPORT_FORMATS", "Export", "export_rows"]
