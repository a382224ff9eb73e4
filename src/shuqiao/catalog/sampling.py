"""Entries begun from a sample of their data (reverse cataloguing): columns, types and key become data items."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from shuqiao.accounts.types import Actor, P
from shuqiao.catalog import services, staging
from shuqiao.catalog.models import Revision
from shuqiao.catalog.proposing import ColumnFacts, propose_content
from shuqiao.kernel import InvalidInput
from shuqiao.store import Format, Preview, sniff

WORKBOOKS = (".xlsx", ".xlsm", ".xls")


def begin_from_sample(*, actor: Actor, department_id: UUID, file: UploadedFile[bytes], on: date) -> Revision:
    """A draft proposed from the file, which is looked at and removed; none of its values is kept. Raises NotAllowed
    before anything is read, InvalidInput for what is no table."""
    actor.demand(P.CATALOG_ENTRY_EDIT, department_id=department_id)
    path, _ = staging.receive(file)
    filename = str(file.name)
    try:
        seen = sniff(path, filename=filename)
    finally:
        path.unlink(missing_ok=True)
    _demand_as_named(filename, seen)
    content = propose_content(name=filename.partition(".")[0], columns=_facts(seen), file_format=seen.format)
    return services.create_entry(actor=actor, department_id=department_id, content=content, on=on)


def _demand_as_named(filename: str, seen: Preview) -> None:
    """A file called a workbook is one. What is exported as `.xls` is often a table in text, which is taken as such;
    text of one column is no table. Names of columns nobody can read are none."""
    if any("\ufffd" in one.source or not one.source.isprintable() for one in seen.columns):
        raise InvalidInput.one("文件", "列名里有不能辨认的字符：不是文本表格，或者文件已经损坏")
    name = filename.lower()
    if not name.endswith(WORKBOOKS) or seen.format in {Format.XLSX, Format.XLS}:
        return
    if not name.endswith(".xls") or len(seen.columns) < 2:
        what = "不是 Excel 工作簿，请另存为 .xlsx 后再传；如果本来是 CSV 文本，请把后缀改回 .csv"
        raise InvalidInput.one("文件", what)


def _facts(seen: Preview) -> list[ColumnFacts]:
    keys = seen.keys[0] if seen.keys else ()
    return [
        ColumnFacts(one.source, one.type, one.source in keys, one.nulls > 0, personal=one.personal)
        for one in seen.columns
    ]
