"""The object store: one behaviour on every kind, and every failure in words an operator can act on."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.store import ObjectsUnavailable
from shuqiao.store.objects import ObjectStore, open_objects
from shuqiao.store.tests.conftest import KEYS, CuttingProxy, s3_url

BIG = 20_000_003  # more than two parts


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big"
    path.write_bytes(os.urandom(BIG))
    return path


def test_files_go_in_and_come_back_whole(objects: ObjectStore, big: Path, tmp_path: Path) -> None:
    told: list[int] = []
    objects.put_file("a/b/大文件", big)
    assert objects.size("a/b/大文件") == BIG
    assert objects.get_file("a/b/大文件", tmp_path / "back", told.append) == BIG
    assert (tmp_path / "back").read_bytes() == big.read_bytes()
    assert sum(told) == BIG


def test_an_empty_file_is_a_file(objects: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    objects.put_file("empty", tmp_path / "empty")
    assert objects.exists("empty")
    assert objects.get_file("empty", tmp_path / "back") == 0
    assert objects.get_bytes("empty") == b""


def test_only_one_creates(objects: ObjectStore) -> None:
    assert objects.put_bytes("lock", b"1", create=True)
    assert not objects.put_bytes("lock", b"2", create=True)
    assert objects.get_bytes("lock") == b"1"
    assert objects.put_bytes("lock", b"3")
    assert objects.get_bytes("lock") == b"3"


def test_listing_goes_by_prefix_and_deleting_twice_does_no_harm(objects: ObjectStore) -> None:
    assert list(objects.list()) == []
    for key in ("x/1", "x/2", "y/1"):
        objects.put_bytes(key, key.encode())
    assert sorted((one.key, one.size) for one in objects.list("x/")) == [("x/1", 3), ("x/2", 3)]
    assert len(list(objects.list())) == 3
    objects.delete("x/1", "x/1", "nowhere")
    assert [one.key for one in objects.list("x/")] == ["x/2"]


def test_what_is_not_there_is_not_found(objects: ObjectStore, tmp_path: Path) -> None:
    assert not objects.exists("nowhere")
    for read in (objects.get_bytes, objects.size, lambda key: objects.get_file(key, tmp_path / "back")):
        with pytest.raises(NotFound):
            read("nowhere")


def test_the_check_leaves_nothing_behind(objects: ObjectStore) -> None:
    objects.check()
    assert list(objects.list()) == []


def test_a_missing_bucket_is_named(s3_server: str, tmp_path: Path) -> None:
    objects = open_objects(s3_url(s3_server, "no-such-bucket"), KEYS)
    (tmp_path / "f").write_bytes(b"1")
    for act in (
        objects.check,
        lambda: objects.put_file("f", tmp_path / "f"),
        lambda: objects.get_bytes("f"),
        lambda: list(objects.list()),
    ):
        with pytest.raises(ObjectsUnavailable, match="存储桶不存在"):
            act()


def test_wrong_credentials_are_named_and_not_shown(s3_server: str, bucket: str) -> None:
    objects = open_objects(s3_url(s3_server, bucket), KEYS)
    objects.put_bytes("f", b"1")
    _check_credentials_after(s3_server, "0")
    try:
        for act in (objects.check, lambda: objects.get_bytes("f"), lambda: objects.put_bytes("g", b"")):
            with pytest.raises(ObjectsUnavailable, match="访问凭据不对") as error:
                act()
            assert "test-secret" not in str(error.value)
    finally:
        _check_credentials_after(s3_server, "inf")


def _check_credentials_after(server: str, requests: str) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    answer = httpx.post(f"{server}/moto-api/reset-auth", content=requests, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text


def test_nobody_answering_is_said(tmp_path: Path) -> None:
    with pytest.raises(ObjectsUnavailable, match="没有应答"):
        open_objects(s3_url("http://127.0.0.1:1", "bucket"), KEYS).check()


def test_a_download_goes_on_where_it_broke(
    proxy: CuttingProxy, bucket: str, big: Path, tmp_path: Path
) -> None:
    objects = open_objects(s3_url(proxy.address, bucket), KEYS)
    objects.put_file("big", big)
    proxy.cuts, proxy.answers = 3, 5_000_000
    told: list[int] = []
    assert objects.get_file("big", tmp_path / "back", told.append) == BIG
    assert proxy.done == 3
    assert (tmp_path / "back").read_bytes() == big.read_bytes()
    assert sum(told) == BIG  # nothing was fetched twice


def test_a_download_that_never_gets_on_is_given_up(
    proxy: CuttingProxy, bucket: str, big: Path, tmp_path: Path
) -> None:
    objects = open_objects(s3_url(proxy.address, bucket), KEYS)
    objects.put_file("big", big)
    proxy.cuts, proxy.answers = 1 << 30, 2_000
    with pytest.raises(ObjectsUnavailable):
        objects.get_file("big", tmp_path / "back")


def test_a_broken_upload_leaves_no_object(proxy: CuttingProxy, bucket: str, big: Path) -> None:
    objects = open_objects(s3_url(proxy.address, bucket), KEYS)
    proxy.cuts, proxy.requests = 1 << 30, 3_000_000
    with pytest.raises(ObjectsUnavailable):
        objects.put_file("big", big)
    proxy.cuts = 0
    assert not objects.exists("big")
    objects.put_file("big", big)
    assert objects.size("big") == BIG


@pytest.mark.parametrize(
    ("url", "environ", "what"),
    [
        ("http://x/y", KEYS, "只支持"),
        ("bucket", KEYS, "只支持"),
        ("file://host/x", KEYS, "绝对路径"),
        ("file:///dev/null/x", KEYS, "目录不能用"),
        ("s3:///x", KEYS, "存储桶"),
        ("s3://key:secret@bucket/x", KEYS, "凭据不写在地址里"),
        ("s3://bucket?secret=1", KEYS, "不认识的选项 secret"),
        ("s3://bucket?retries=x", KEYS, "整数"),
        ("s3://bucket", {}, "缺少访问凭据"),
        ("s3://bucket", {"SHUQIAO_OBJECTS_ACCESS_KEY": "k"}, "缺少访问凭据"),
        ("s3://bucket", {"SHUQIAO_OBJECTS_ACCESS_KEY_FILE": "/nowhere"}, "读不到凭据文件"),
    ],
)
def test_nonsense_in_the_settings_is_refused(url: str, environ: dict[str, str], what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        open_objects(url, environ)


def test_credentials_may_come_from_files_and_from_the_usual_variables(
    s3_server: str, bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("test-secret\n")
    files = {"AWS_ACCESS_KEY_ID": "test", "SHUQIAO_OBJECTS_SECRET_KEY_FILE": str(tmp_path / "secret")}
    open_objects(s3_url(s3_server, bucket), files).check()
