"""What is recorded, and the receipt that is given for it.

A record is encoded once, with sorted object keys and without defaults; those bytes are hashed, kept and
never encoded again, so that an older or newer reader verifies what it may not fully understand.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Any

import msgspec

from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import CHINA, now

MAX_RECORD_BYTES = 1 << 20
NODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_RECEIPT = re.compile(rf"({NODE.pattern})-([0-9]{{12}})-([0-9a-f]{{8}})")


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One piece of evidence: who used what, under which grant, how much, and what was answered.

    `kind`: "read" (answered), "refusal" (not answered; `decision` says why), "event" (a step of the control
    plane) or "journal" (the log about itself). `at`: ISO 8601 with milliseconds in China's time; the writer
    fills it when empty. `rows`: rows sent. `answer`: SM3 of the answer's body in hex. `decision`:
    `Decision.as_json()`. What fits nowhere goes to `extra`.

    These are the use records a department has to keep: 营口办法 第二十二条, 国务院条例 第二十九条.
    """

    kind: str
    at: str = ""
    grant: str = ""
    key: str = ""
    resource: str = ""
    version: str = ""
    action: str = ""
    purpose: str = ""
    columns: list[str] = []
    rows: int = 0
    query: str = ""
    answer: str = ""
    decision: dict[str, Any] | None = None
    client: str = ""
    case: str = ""
    extra: dict[str, Any] = {}


class Receipt(msgspec.Struct, frozen=True):
    """Proof that a record is durable. `id` is URL-safe; `hash` is the record's chain hash (SM3, hex)."""

    id: str
    node: str
    seq: int
    at: str
    hash: str


class Entry(msgspec.Struct, frozen=True):
    """A record as it stands in the log, with its receipt."""

    receipt: Receipt
    record: Record


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Record)


def check_node(node: str) -> str:
    """Return `node` when it can name a folder and stand in a receipt; raise InvalidInput otherwise."""
    if not NODE.fullmatch(node):
        raise InvalidInput.one("node", f"节点名只能用小写字母、数字和连字符，最长 32 个字符：{node!r}")
    return node


def encode(record: Record) -> tuple[bytes, str]:
    """The bytes to keep, and the moment they carry.

    Raises InvalidInput when the record is larger than 1 MiB or `at` is no moment. Lone surrogates, which
    a stranger can put into an address, are kept as escapes: a read must not escape the log by being odd.
    """
    at = _moment(record.at)
    if at != record.at:
        record = msgspec.structs.replace(record, at=at)
    try:
        payload = _encoder.encode(record)
    except UnicodeEncodeError:
        payload = _encoder.encode(_without_surrogates(msgspec.to_builtins(record)))
    if len(payload) > MAX_RECORD_BYTES:
        raise InvalidInput.one("record", f"一条存证最多 {MAX_RECORD_BYTES} 字节，这条有 {len(payload)} 字节")
    return payload, at


class ReadForm:
    """Records of answers under one grant that differ in nothing but the moment and what follows it: encoded once,
    the rest is put in. The bytes are those `encode` makes of the whole record; a test holds the two together.
    """

    __slots__ = ("_form",)

    def __init__(self, constant: Record) -> None:
        """`constant`: the record with whatever in `at`, `rows`, `query`, `answer`, `client` and `extra`, which
        becomes {"created", "nonce"}. Raises InvalidInput when it is too large."""
        marks = [secrets.token_hex(16) for _ in range(5)]
        numbers = [10**17 + secrets.randbelow(10**17) for _ in range(2)]
        at, query, answer, client, nonce = marks
        rows, created = numbers
        extra = {"nonce": nonce, "created": created}
        facts = {"at": at, "rows": rows, "query": query, "answer": answer, "client": client, "extra": extra}
        form = _encoder.encode(msgspec.structs.replace(constant, **facts)).replace(b"%", b"%%")
        if len(form) > MAX_RECORD_BYTES // 2:
            raise InvalidInput.one("record", f"一条存证最多 {MAX_RECORD_BYTES} 字节")
        for mark in (*marks, *map(str, numbers)):
            head, _, tail = form.partition(mark.encode())
            form = head + b"%b" + tail
        self._form = form

    def encode(
        self, *, at: str, rows: int, query: bytes, answer: str, client: str, created: int, nonce: bytes
    ) -> bytes:
        """The record's bytes. Texts must be plain: printable ASCII without quotes and backslashes; `query` at
        most 64 KiB, `rows` at least 1, `answer` and `client` not empty."""
        return self._form % (
            at.encode(),
            b"%d" % rows,
            query,
            answer.encode(),
            client.encode(),
            b"%d" % created,
            nonce,
        )


def decode(payload: bytes) -> Record:
    """Read what `encode` wrote. Raises msgspec.ValidationError or DecodeError on anything else."""
    return _decoder.decode(payload)


def receipt_id(node: str, seq: int, chain_hash: str) -> str:
    """E.g. ``gw1-000000000123-1a2b3c4d``."""
    return f"{node}-{seq:012d}-{chain_hash[:8]}"


def parse_receipt_id(text: str) -> tuple[str, int, str] | None:
    """Node, sequence and first 8 hex digits of the chain hash; None when `text` is no receipt id."""
    match = _RECEIPT.fullmatch(text)
    return (match[1], int(match[2]), match[3]) if match else None


def _moment(text: str) -> str:
    if not text:
        return now().isoformat(timespec="milliseconds")
    if len(text) == 29 and text.endswith("+08:00"):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput.one("at", f"不是 ISO 8601 时刻：{text!r}") from None
    if moment.tzinfo is None:
        raise InvalidInput.one("at", f"时刻缺少时区：{text!r}")
    return moment.astimezone(CHINA).isoformat(timespec="milliseconds")


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(inner) for inner in value]
    return value
