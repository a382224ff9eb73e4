"""The quick way through the corridor: a signed lookup of one key, in the form in which nearly all of them come.

A city's counters ask the same thing all day: the same key, the same grant, the same columns, another row. What the
corridor decides about that is decided once, by the corridor's own rooms, for one grant book and one day, and kept as a
`Door`; a new book or a new day throws all doors away. What differs from request to request is checked every time:
signature, age, nonce, limits, row. Where anything is not in its plain form, or would be refused, `answer` gives None
before it has changed anything, and the corridor reads the request from its beginning. So only the corridor ever
refuses, and the quick way can be left out without any answer being another (`tests/test_quick.py` holds them together).
"""

from __future__ import annotations

import asyncio
import hmac
import time
from binascii import b2a_base64
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, TypeVar

import orjson

from shuqiao.gateway.answers import JSON, Answer, Headers
from shuqiao.gateway.auth import check_key
from shuqiao.gateway.book import GrantRow
from shuqiao.gateway.conditional import finish
from shuqiao.gateway.corridor import Corridor
from shuqiao.gateway.counting import count_reads
from shuqiao.gateway.evidence import Draft
from shuqiao.gateway.grants import EMPTY, Held, Ledger, find_grant
from shuqiao.gateway.layouts import Input, Layout, is_plain, make_layout, read_input
from shuqiao.gateway.nonces import WindowFull
from shuqiao.gateway.queries import parse_reading
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.requests import Scope, find_target, key_parts, read_request
from shuqiao.gateway.signing import ALGORITHM, GRANT_HEADER, HmacKey
from shuqiao.journal import JournalUnavailable, ReadForm, sm3
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.kernel.time import CHINA
from shuqiao.store import NotInScope, PreparedLookup

PLAIN_HEADERS = frozenset(
    b"host signature signature-input shuqiao-grant accept accept-encoding accept-language connection user-agent".split()
)
"""A request with any other header takes the general way: it may ask for something this way does not know."""
NEEDED_HEADERS = frozenset((b"host", b"signature", b"signature-input"))
MOST_TARGET, MOST_HEADERS = 4_096, 8_192
"""Bytes; a request beyond these takes the general way, which has limits of its own."""
MOST_KEY = 1_024
"""Bytes of a key in an address, as `find_target` has it."""
_ALGORITHM = f'"{ALGORITHM}"'.encode()
_GRANT = GRANT_HEADER.encode()
_MOST = 1024  # doors, layouts, origins kept; at this number all are forgotten

K = TypeVar("K")
V = TypeVar("V")
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Door:
    """What the corridor decided about a key, an address without its last part, a query and a grant header.
    `counted`: the grant has a limit of reads. `opening`: the body as far as the row; `tag`: its ETag
    as far as the target."""

    key_id: str
    held: Held
    row: GrantRow
    version: str
    lookup: PreparedLookup
    counted: bool
    evidence: ReadForm
    opening: bytes
    headers: Headers
    tag: blake2b


@dataclass(slots=True)
class Asked:
    """A plain request, its headers by name with "@path" and "@query" among them, and when it came."""

    scope: Scope
    fields: dict[bytes, bytes]
    given: Input
    moment: float

    @property
    def target(self) -> bytes:
        """Path and query as they came."""
        query = self.fields[b"@query"]
        return self.fields[b"@path"] + query if len(query) > 1 else self.fields[b"@path"]


class QuickWay:
    """Reads plain signed lookups over the corridor's own ledger, memory, versions and evidence."""

    def __init__(self, corridor: Corridor) -> None:
        self._corridor, self._settings = corridor, corridor.settings
        self._ledger: Ledger = EMPTY
        self._keys: dict[bytes, HmacKey] = {}
        self._doors: dict[tuple[bytes, bytes, bytes, bytes], Door] = {}
        self._layouts: dict[bytes, Layout] = {}
        self._origins: dict[tuple[str, bytes], tuple[bytes, bytes]] = {}
        self._second, self._stamp, self._on = 0, "", date.min

    async def answer(self, scope: Scope) -> Answer | None:
        """The answer, its evidence durable; None, with nothing changed, when the general way has to be taken."""
        asked = self._plain(scope)
        if asked is None or not self._is_signed(asked):
            return None
        door = self._door(asked)
        if door is None:
            return None
        found = self._look_up(door, asked)
        if not found or not self._take(door, asked):
            return None
        try:
            counted = self._count(door, asked) if door.counted else []
        except Refused as refused:
            return await self._corridor.refuse(self._draft(door, asked), refused)
        body = _body(door, found)
        try:
            receipt = await self._record(door, asked, len(found), body)
        except JournalUnavailable as error:
            return self._corridor.unrecorded(error)
        return _answer(door, asked, body, receipt, counted)

    def _plain(self, scope: Scope) -> Asked | None:
        fields = _plain_fields(scope)
        given = fields and read_input(fields[b"signature-input"])
        if not fields or not given or given.algorithm != _ALGORITHM:
            return None
        moment = time.time()
        second = int(moment)
        if second != self._second:
            self._turn(second)
        if self._corridor.watcher.ledger is not self._ledger:
            self._ledger = self._corridor.watcher.ledger
            self._keys = {f'"{key}"'.encode(): secret for key, secret in self._ledger.secrets.items()}
            self._doors.clear()
        return Asked(scope, fields, given, moment)

    def _turn(self, second: int) -> None:
        """A second is over; with a new day everything is decided anew."""
        here = datetime.fromtimestamp(second, CHINA)
        self._second, self._stamp = second, here.strftime("%Y-%m-%dT%H:%M:%S.")
        if here.date() != self._on:
            self._on = here.date()
            self._doors.clear()

    def _is_signed(self, asked: Asked) -> bool:
        """Coverage, age and signature: what `verify` asks of a request without a body."""
        fields, given = asked.fields, asked.given
        key = self._keys.get(given.key)
        layout = self._layouts.get(given.head) or make_layout(given.head)
        if key is None or layout is None or layout.covers_grant != (_GRANT in fields):
            return False
        if abs(asked.moment - given.created) > self._settings.skew:
            return False
        fields[b"@scheme"], fields[b"@authority"] = scheme, authority = self._origin(asked)
        fields[b"@signature-params"] = fields[b"signature-input"][layout.begin :]
        if layout.wants_target:
            fields[b"@target-uri"] = b"%b://%b%b" % (scheme, authority, asked.target)
        expected = b"%b%b:" % (layout.label, b2a_base64(key.sign(layout.base(fields)), newline=False))
        if not hmac.compare_digest(expected, fields[b"signature"]):
            return False
        if given.head not in self._layouts:
            _keep(self._layouts, given.head, layout)
        return True

    def _origin(self, asked: Asked) -> tuple[bytes, bytes]:
        """Scheme and authority as the general way reads them, remembered for each Host."""
        at = (asked.scope["scheme"], asked.fields[b"host"])
        found = self._origins.get(at)
        if found is None:
            message = read_request(asked.scope, self._settings).message
            found = (message.scheme.encode("latin-1"), message.authority.encode("latin-1"))
            _keep(self._origins, at, found)
        return found

    def _door(self, asked: Asked) -> Door | None:
        """What the corridor's rooms say about a proven key and what it asks; None when they refuse it."""
        fields = asked.fields
        place = fields[b"@path"].rpartition(b"/")[0]
        at = (asked.given.key, place, fields[b"@query"], fields.get(_GRANT, b""))
        door = self._doors.get(at)
        if door is None:
            try:
                door = self._decide(asked)
            except (Refused, InvalidInput, NotFound, NotInScope):
                return None
            if door is not None:
                _keep(self._doors, at, door)
        return door

    def _decide(self, asked: Asked) -> Door | None:
        ledger, on = self._ledger, self._on
        key = ledger.keys[asked.given.key[1:-1].decode("ascii")]
        request = read_request(asked.scope, self._settings)
        target = find_target(request.message.path)
        if target is None or target.action != "lookup":
            return None
        check_key(key, on)
        draft = Draft(request, target, key=key.id)
        held = find_grant(draft, ledger, key, on)
        resource, row = ledger.resources[target.resource], held.row
        if row is None or resource.version is None:
            return None
        draft.version = resource.version
        reading = parse_reading(draft, resource, self._settings.max_parameters)
        prepared = self._corridor.runner.prepare(held, resource.version, reading)
        tag = self._corridor.ways.tagger.begin(draft.version, held.mark)
        tag.update(b"lookup ")
        known = orjson.dumps({"resource": target.resource, "version": draft.version})
        return Door(
            key_id=key.id,
            held=held,
            row=row,
            version=resource.version,
            lookup=prepared.lookup,
            counted=any(
                limit is not None
                for limit in (row.daily_quota, row.rate_per_minute, self._settings.rate_per_minute)
            ),
            evidence=ReadForm(draft.read(columns=list(prepared.lookup.columns), rows=1, answer="")),
            opening=known[:-1] + (b',"row":' if prepared.lookup.unique else b',"rows":'),
            headers=[(b"shuqiao-version", draft.version.encode()), (b"shuqiao-grant", draft.grant.encode())],
            tag=tag,
        )

    def _look_up(self, door: Door, asked: Asked) -> Rows:
        """The rows of the key, inside the scope; nothing when there is none, or the key cannot be one."""
        last = asked.fields[b"@path"].rpartition(b"/")[2]
        if len(last) > MOST_KEY:
            return []
        try:
            return door.lookup.run(key_parts(last.decode("ascii")))
        except (InvalidInput, Refused):
            return []

    def _take(self, door: Door, asked: Asked) -> bool:
        """Use up the nonce, where evidence can be taken and the book is watched."""
        corridor, given = self._corridor, asked.given
        if corridor.watcher.unwatched or not corridor.evidence.has_room:
            return False
        try:
            return corridor.memory.nonces.use(
                door.key_id, given.nonce.decode("ascii"), created=given.created, now=asked.moment
            )
        except WindowFull:
            return False

    def _count(self, door: Door, asked: Asked) -> Headers:
        at = datetime.fromtimestamp(asked.moment, CHINA)
        rate = self._settings.rate_per_minute
        return count_reads(self._corridor.memory, door.held, reads=1, rate=rate, at=at)

    def _draft(self, door: Door, asked: Asked) -> Draft:
        """What the general way knows of a read when it counts it."""
        request, given = read_request(asked.scope, self._settings), asked.given
        target = find_target(request.message.path)
        assert target is not None
        draft = Draft(request, target, key=door.key_id, version=door.version)
        draft.note_grant(door.row)
        draft.extra = {"nonce": given.nonce.decode("ascii"), "created": given.created}
        return draft

    def _record(self, door: Door, asked: Asked, rows: int, body: bytes) -> asyncio.Future[str]:
        """Hand over the evidence: its receipt is there once it is durable."""
        stamp = f"{self._stamp}{int(asked.moment % 1 * 1000):03d}+08:00"
        payload = door.evidence.encode(
            at=stamp,
            rows=rows,
            query=asked.target,
            answer=sm3(body).hex(),
            client=asked.scope["client"][0],
            created=asked.given.created,
            nonce=asked.given.nonce,
        )
        return self._corridor.evidence.append_soon(payload, stamp)


def _body(door: Door, found: Rows) -> bytes:
    columns = door.lookup.columns
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    return b"%b%b}" % (door.opening, orjson.dumps(rows[0] if door.lookup.unique else rows))


def _answer(door: Door, asked: Asked, body: bytes, receipt: str, counted: Headers) -> Answer:
    tag = door.tag.copy()
    tag.update(asked.target)
    named = [(b"shuqiao-receipt", receipt.encode()), *door.headers, *counted, (b"etag", finish(tag))]
    return Answer(200, JSON, body, named)


def _plain_fields(scope: Scope) -> dict[bytes, bytes] | None:
    """The headers by name, with path and query among them; None unless everything is plain and of common size."""
    headers, client = scope["headers"], scope.get("client")
    fields = dict(headers)
    path, query = scope.get("raw_path") or b"", scope["query_string"]
    names = fields.keys()
    if len(fields) != len(headers) or not names <= PLAIN_HEADERS or not names >= NEEDED_HEADERS:
        return None
    if scope["method"] != "GET" or len(path) + len(query) > MOST_TARGET:
        return None
    if sum(map(len, fields.values())) > MOST_HEADERS or not is_plain(path) or not is_plain(query):
        return None
    if b"?" in path or not client or not client[0].replace(".", "").replace(":", "").isalnum():
        return None
    fields[b"@path"], fields[b"@query"] = path, b"?" + query
    return fields


def _keep(kept: dict[K, V], at: K, one: V) -> None:
    if len(kept) >= _MOST:
        kept.clear()
    kept[at] = one
