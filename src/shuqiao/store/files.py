"""Versions of what is no table: a PDF, an image, an archive, kept byte for byte."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

import msgspec

from shuqiao.kernel import InvalidInput, NotFound, Problem, time
from shuqiao.store.failures import telling_full
from shuqiao.store.types import BuiltVersion, Content, FileMeta, Meta, Progress
from shuqiao.store.versions import BUILDER, CONTENT, META, Store

FILE = "file"
"""`Meta.kind` of these versions."""
MAX_NAME_BYTES = 255
UNKNOWN_TYPE = "application/octet-stream"
_PIECE = 1 << 20
_MEDIA_TYPE = re.compile(
    r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}(?:; ?charset=[\w-]+)?"
)


class OpenContent(NamedTuple):
    """Where a file version's bytes lie, their size and SHA-256 (hex), and how they are handed out. The path holds
    good as long as the handle is open."""

    path: Path
    size: int
    sha256: str
    media_type: str
    filename: str


def build_file(
    source: Path,
    into: Path | Store,
    *,
    filename: str | None = None,
    media_type: str | None = None,
    progress: Progress | None = None,
) -> BuiltVersion:
    """Publish the bytes of `source` as a file version; `source` stays. `progress` gets (0, bytes so far).

    The same bytes under the same name and media type have the same id and are kept once. The media type is told
    from the name when it is not given. Raises InvalidInput for a name or media type that cannot be handed out,
    StoreFull when there is no room; then nothing is left behind.
    """
    content = _described(filename if filename is not None else source.name, media_type)
    store = into if isinstance(into, Store) else Store(into)
    with store.staging() as staged:
        (staged / CONTENT).parent.mkdir()
        copied = _copied(source, staged / CONTENT, progress)
        version_id = file_version_id(content, copied)
        if existing := store.adopt(version_id):
            return BuiltVersion(id=version_id, path=store.path_of(version_id), meta=existing, existed=True)
        meta = Meta(
            id=version_id,
            kind=FILE,
            content=content,
            source_sha256=copied.sha256,
            files={CONTENT: copied},
            builder=BUILDER,
            built_at=time.now().isoformat(timespec="seconds"),
        )
        with telling_full():
            (staged / META).write_bytes(msgspec.json.format(msgspec.json.encode(meta), indent=1))
        path = store.publish_dir(staged, version_id)
    return BuiltVersion(id=version_id, path=path, meta=meta)


def open_content(path: Path, meta: Meta) -> OpenContent:
    """The content of an open file version. Raises NotFound for a table."""
    if meta.content is None:
        raise NotFound(f"数据版本 {meta.id} 的文件内容（它是表）")
    file = meta.files[CONTENT]
    return OpenContent(path / CONTENT, file.size, file.sha256, meta.content.media_type, meta.content.filename)


def file_version_id(content: Content, file: FileMeta) -> str:
    """The id: SHA-256 over the bytes' hash and how they are handed out."""
    return hashlib.sha256(msgspec.json.encode([FILE, content, file.sha256], order="sorted")).hexdigest()


def _described(filename: str, media_type: str | None) -> Content:
    name = unicodedata.normalize("NFC", filename.strip())
    problems = []
    if not name or name in {".", ".."} or not name.isprintable() or set(name) & set("/\\"):
        problems.append(Problem("filename", "文件名不能为空，也不能含路径分隔符和控制字符"))
    elif len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        problems.append(Problem("filename", f"文件名超过 {MAX_NAME_BYTES} 字节"))
    kind = media_type or mimetypes.guess_type(name, strict=False)[0] or UNKNOWN_TYPE
    if not _MEDIA_TYPE.fullmatch(kind.lower()):
        problems.append(Problem("media_type", f"不是有效的媒体类型：{kind[:100]}"))
    if problems:
        raise InvalidInput(problems)
    return Content(name, kind.lower())


def _copied(source: Path, target: Path, progress: Progress | None) -> FileMeta:
    digest, size = hashlib.sha256(), 0
    with telling_full(), source.open("rb") as reader, target.open("wb") as writer:
        while piece := reader.read(_PIECE):
            writer.write(piece)
            digest.update(piece)
            size += len(piece)
            if progress is not None:
                progress(0, size)
    return FileMeta(size, digest.hexdigest())
