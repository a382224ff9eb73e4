"""Files that are no tables: kept byte for byte, named by their content, handed out under a safe name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.store import NotInScope, Query, Scope, Store, build, build_file, sniff

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 5_000


def source(folder: Path, data: bytes = PDF) -> Path:
    path = folder / "upload.bin"
    path.write_bytes(data)
    return path


def test_the_bytes_come_back_with_their_name_type_size_and_hash(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    built = build_file(
        source(tmp_path),
        tmp_path / "s",
        filename="公示.pdf",
        progress=lambda rows, size: told.append((rows, size)),
    )
    assert (built.meta.kind, built.meta.rows, built.meta.columns, built.existed) == ("file", 0, (), False)
    assert told[-1] == (0, len(PDF))
    store = Store(tmp_path / "s")
    with store.open(built.id) as handle:
        content = handle.open_content()
        assert content.path.read_bytes() == PDF
        assert content[1:] == (
            len(PDF),
            hashlib.sha256(PDF).hexdigest(),
            "application/pdf",
            "公示.pdf",
        )
    assert store.list_versions() == [built.id]
    assert store.damaged_files(built.id) == []
    assert list((tmp_path / "s" / ".staging").iterdir()) == []


def test_the_same_bytes_are_kept_once_and_another_name_or_type_is_another_version(tmp_path: Path) -> None:
    path, root = source(tmp_path), tmp_path / "s"
    first = build_file(path, root, filename="a.pdf")
    assert build_file(path, Store(root), filename="a.pdf").existed
    others = {
        build_file(path, root, filename="b.pdf").id,
        build_file(path, root, filename="a.pdf", media_type="text/plain; charset=utf-8").id,
        build_file(source(tmp_path, PDF + b"!"), root, filename="a.pdf").id,
    }
    assert len(others | {first.id}) == 4


def test_an_empty_file_and_an_unknown_ending_are_files_too(tmp_path: Path) -> None:
    built = build_file(source(tmp_path, b""), tmp_path / "s", filename="空.没有这种后缀")
    with Store(tmp_path / "s").open(built.id) as handle:
        assert handle.open_content().size == 0
        assert handle.open_content().media_type == "application/octet-stream"


@pytest.mark.parametrize("name", ["", "  ", "..", "a/b.pdf", "..\\c", "a\nb", "\0", "x" * 300, "数" * 86])
def test_names_that_cannot_be_handed_out_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="文件名"):
        build_file(source(tmp_path), tmp_path / "s", filename=name)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("media_type", ["pdf", "text/html\r\nX: y", "a/b/c", "text/plain; x=1"])
def test_media_types_that_are_none_are_refused(tmp_path: Path, media_type: str) -> None:
    with pytest.raises(InvalidInput, match="媒体类型"):
        build_file(source(tmp_path), tmp_path / "s", media_type=media_type)


def test_a_file_has_no_rows_and_a_table_no_content(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    with store.open(build_file(source(tmp_path), store).id) as handle, pytest.raises(NotInScope):
        handle.rows(Query(), Scope.of(["编码"]))
    table = tmp_path / "t.csv"
    table.write_text("编码,名称\n001,甲\n")
    with (
        store.open(build(table, sniff(table).recipe(), store).id) as handle,
        pytest.raises(NotFound, match="是表"),
    ):
        handle.open_content()


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    built = build_file(source(tmp_path), store)
    (built.path / "content" / "file").write_bytes(PDF[:-1])
    assert store.damaged_files(built.id) == ["content/file"]
