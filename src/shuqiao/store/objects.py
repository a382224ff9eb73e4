"""The object store of an installation: a directory or an S3-compatible service, by address, through obstore.

Every error of the library comes out as NotFound or ObjectsUnavailable, in words an operator can act on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import obstore
from obstore import exceptions
from obstore.store import LocalStore, MemoryStore, S3Store

from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.store.failures import ObjectsUnavailable, is_full, telling_full

if TYPE_CHECKING:
    from obstore.store import S3Config

CREDENTIALS = {
    "SHUQIAO_OBJECTS_ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "SHUQIAO_OBJECTS_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "SHUQIAO_OBJECTS_TOKEN": "AWS_SESSION_TOKEN",
}
"""Our variable (a file when `_FILE` stands behind it) → the usual one, read when ours is not set."""
PART = 8 << 20  # bytes of an upload's part, at least
PARTS = 9_000  # of the 10,000 that S3 allows
PARTS_AT_ONCE = 4
PIECE = 4 << 20  # bytes read at once
RESUMED = 5  # times a download goes on where it broke, without a byte gained between
_OPTIONS = frozenset({"endpoint", "region", "path_style", "retries", "timeout"})


class Told(Protocol):
    """Called with the bytes that have just gone over."""

    def __call__(self, done: int, /) -> object: ...


class Listed(NamedTuple):
    """One object: its key, size in bytes and when it was last written."""

    key: str
    size: int
    at: datetime


class ObjectStore:
    """Objects by key. Every write is there whole or not at all. Safe to share between threads."""

    def __init__(self, where: str, store: LocalStore | MemoryStore | S3Store) -> None:
        self.where = where
        self._store = store

    def __repr__(self) -> str:
        return f"ObjectStore({self.where!r})"

    def put_file(self, key: str, path: Path) -> None:
        """Write a file as an object, in parts when it is big. Raises ObjectsUnavailable, StoreFull."""
        size = path.stat().st_size
        with self._translated(key):
            obstore.put(
                self._store,
                key,
                path,
                chunk_size=max(PART, -(-size // PARTS)),
                max_concurrency=PARTS_AT_ONCE,
            )

    def put_bytes(self, key: str, data: bytes, *, create: bool = False) -> bool:
        """Write a small object; with `create` only if there is none (False: there is one)."""
        try:
            with self._translated(key):
                obstore.put(self._store, key, data, mode="create" if create else "overwrite")
        except _Exists:
            return False
        return True

    def get_bytes(self, key: str) -> bytes:
        """A small object. Raises NotFound."""
        with self._translated(key):
            return bytes(obstore.get(self._store, key).bytes())

    def get_file(self, key: str, path: Path, told: Told | None = None) -> int:
        """Write an object to a new file; a broken transfer goes on where it broke. Returns the bytes.

        Raises NotFound, ObjectsUnavailable, StoreFull. What stands in `path` after an error is of no use.
        """
        size = self.size(key)
        done, broken = 0, 0
        with telling_full(), path.open("wb") as file:
            while done < size:
                before = done
                try:
                    for piece in self._pieces(key, done, size):
                        file.write(piece)
                        done += len(piece)
                        if told is not None:
                            told(len(piece))
                except ObjectsUnavailable:
                    broken = broken + 1 if done == before else 1
                    if broken >= RESUMED:
                        raise
        return done

    def _pieces(self, key: str, start: int, size: int) -> Iterator[memoryview]:
        with self._translated(key):
            result = obstore.get(self._store, key, options={"range": (start, size)})
            for piece in result.stream(min_chunk_size=PIECE):
                yield memoryview(piece)

    def size(self, key: str) -> int:
        """Bytes of an object. Raises NotFound."""
        with self._translated(key):
            return int(obstore.head(self._store, key)["size"])

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        with suppress(NotFound):
            self.size(key)
            return True
        return False

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """The objects below a prefix, which ends at a slash, in no order."""
        with self._translated(prefix):
            for chunk in obstore.list(self._store, prefix or None, chunk_size=1_000):
                for one in chunk:
                    yield Listed(one["path"], one["size"], one["last_modified"])

    def delete(self, *keys: str) -> None:
        """Remove objects; what is not there does not matter."""
        for key in keys:
            with suppress(NotFound), self._translated(key):
                obstore.delete(self._store, key)

    def check(self) -> None:
        """Write, read and remove a probe. Raises ObjectsUnavailable saying what is wrong."""
        key = f"probe-{os.getpid()}-{os.urandom(4).hex()}"
        try:
            self.put_bytes(key, b"shuqiao")
            if self.get_bytes(key) != b"shuqiao":
                raise ObjectsUnavailable(self.where, "读回的内容与写入的不同")
        except NotFound:
            raise ObjectsUnavailable(self.where, "写入的对象读不到") from None
        finally:
            with suppress(ObjectsUnavailable):
                self.delete(key)

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        try:
            yield
        except exceptions.AlreadyExistsError:
            raise _Exists from None
        except (exceptions.NotFoundError, FileNotFoundError) as error:
            if "NoSuchBucket" in str(error):
                raise ObjectsUnavailable(self.where, "存储桶不存在") from None
            raise NotFound(f"对象 {key}") from None
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError, PermissionError) as error:
            raise ObjectsUnavailable(self.where, "访问凭据不对，或没有读写这个存储桶的权限") from error
        except (exceptions.BaseError, OSError) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> Exception:
        if is_full(error):
            with telling_full():
                raise error
        text = str(error)
        if "NoSuchBucket" in text:
            return ObjectsUnavailable(self.where, "存储桶不存在")
        if any(word in text for word in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied")):
            return ObjectsUnavailable(self.where, "访问凭据不对，或没有读写这个存储桶的权限")
        first = text.strip().splitlines()[0] if text.strip() else type(error).__name__
        return ObjectsUnavailable(self.where, f"连接中断或没有应答（{first[:200]}）")


class _Exists(Exception):
    """There is an object of that key."""


def open_objects(url: str, environ: Mapping[str, str] = os.environ) -> ObjectStore:
    """The object store at an address: ``file:///folder``, ``s3://bucket/prefix?endpoint=…&region=…`` or
    ``memory:`` (one process, for tests). Nothing is asked of it yet: `ObjectStore.check` does that.

    S3 options: endpoint (scheme and host; plain http only where it says so), region, path_style (1), retries,
    timeout (seconds of one request). Credentials come from the environment or files (`CREDENTIALS`), never from
    the address. Raises InvalidInput saying what is wrong with the address or missing beside it.
    """
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return ObjectStore("memory:", MemoryStore())
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        if parts.netloc or not folder.is_absolute():
            raise InvalidInput.one("SHUQIAO_OBJECTS", "目录要写成 file:///绝对路径")
        try:
            return ObjectStore(f"file://{folder}", LocalStore(folder, mkdir=True, automatic_cleanup=True))
        except (exceptions.BaseError, OSError) as error:
            raise InvalidInput.one("SHUQIAO_OBJECTS", f"目录不能用：{folder}：{error}") from None
    if parts.scheme == "s3":
        return _open_s3(url, environ)
    raise InvalidInput.one("SHUQIAO_OBJECTS", f"只支持 file: 和 s3: 地址，收到 {parts.scheme or url[:40]!r}")


def _open_s3(url: str, environ: Mapping[str, str]) -> ObjectStore:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(options.keys() - _OPTIONS)
    if not parts.hostname or parts.username or parts.password or unknown:
        what = (
            f"不认识的选项 {'、'.join(unknown)}" if unknown else "要写成 s3://存储桶/前缀，凭据不写在地址里"
        )
        raise InvalidInput.one("SHUQIAO_OBJECTS", what)
    key, secret, token = (_credential(name, other, environ) for name, other in CREDENTIALS.items())
    if not key or not secret:
        names = "、".join(list(CREDENTIALS)[:2])
        raise InvalidInput.one("SHUQIAO_OBJECTS", f"缺少访问凭据：设置 {names}（或其 _FILE）")
    endpoint = options.get("endpoint", "")
    timeout = timedelta(seconds=_number(options, "timeout", 30))
    config: S3Config = {
        "access_key_id": key,
        "secret_access_key": secret,
        "region": options.get("region") or "us-east-1",
        "virtual_hosted_style_request": not endpoint and options.get("path_style") != "1",
    }
    if token:
        config["session_token"] = token
    if endpoint:
        config["endpoint"] = endpoint
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={
            "timeout": timeout,
            "connect_timeout": min(timeout, timedelta(seconds=5)),
            "allow_http": endpoint.startswith("http://"),
        },
        retry_config={
            "max_retries": _number(options, "retries", 5),
            "retry_timeout": timedelta(seconds=max(60, 2 * timeout.seconds)),
        },
    )
    return ObjectStore(f"s3://{parts.netloc}{parts.path.rstrip('/')}", store)


def _credential(name: str, other: str, environ: Mapping[str, str]) -> str:
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise InvalidInput.one(f"{name}_FILE", f"读不到凭据文件：{error.strerror}") from None
    return environ.get(name) or environ.get(other, "")


def _number(options: Mapping[str, str], name: str, default: int) -> int:
    value = options.get(name, "")
    if not value:
        return default
    if not value.isdecimal():
        raise InvalidInput.one("SHUQIAO_OBJECTS", f"{name} 要是整数，收到 {value[:20]!r}")
    return int(value)
