"""The quick way through the corridor: a signed lookup of one key, in the form in which nearly all of them come.

A city's counters ask the same thing all day: the same key, the same grant, the same columns, another row. What the
corridor decides about that is decided once, by the corridor's own rooms, for one grant book and one day, and kept as a
`Door`; a new book or a new day throws all doors away. What differs from request to request is checked every time:
signature, age, nonce, quota, row. Where anything is not in its plain form, or anything at all would be refused, `begin`
answers None before it has changed anything, and the corridor reads the request from its beginning. So only the corridor
ever refuses, and the quick way can be left out without any answer being another (`tests/test_quick.py` holds them
together).
"""

from __future__ import annotations

import asyncio
import hmac
import time
from binascii import b2a_base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import orjson

from shuqiao.gateway.answers import JSON
from shuqiao.gateway.auth import check_key
from shuqiao.gateway.book import GrantRow
from shuqiao.gateway.corridor import Corridor
from shuqiao.gateway.evidence import Draft
from shuqiao.gateway.grants import EMPTY, Held, Ledger, find_grant
from shuqiao.gateway.layouts import Input, Layout, is_plain, make_layout, read_input
from shuqiao.gateway.nonces import WindowFull
from shuqiao.gateway.queries import parse_reading
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.requests import Scope, find_target, key_parts, read_request
from shuqiao.gateway.signing import ALGORITHM, GRANT_HEADER
from shuqiao.journal import ReadForm, Receipt, sm3
from shuqiao.kernel import InvalidInput, NotFound
from shuqiao.kernel.time import CHINA
from shuqiao.store import NotInScope, PreparedLookup

PLAIN_HEADERS = frozenset(
    b"host signature signature-input shuqiao-grant accept accept-encoding accept-language connection user-agent".split()
)
"""A request with any other header takes the general way: it may ask for something this way does not know."""
NEEDED_HEADERS = frozenset((b"host", b"signature", b"signature-input"))
MOST_TARGET, MOST_HEADERS = 4_096, 8_192
"""Bytes; below every limit that an installation can set."""
_ALGORITHM = f'"{ALGORITHM}"'.encode()
_GRANT = GRANT_HEADER.encode()
_MOST = 1024  # doors, layouts, authorities kept; at this number all are forgotten

K, V = TypeVar("K"), TypeVar("V")
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Door:
    """What the corridor decided about a key, an address without its last part, a query and a grant header."""

    key_id: str
    held: Held
    version: str
    lookup: PreparedLookup
    unique: bool
    evidence: ReadForm
    opening: bytes
    headers: Headers


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer whose evidence is under way: it may go out when `tell` has been called with no error."""

    receipt: Receipt
    body: bytes
    headers: Headers


class QuickWay:
    """Reads plain signed lookups over the corridor's own ledger, memory, versions and evidence."""

    def __init__(self, corridor: Corridor) -> None:
        self._corridor, self._settings = corridor, corridor.settings
        self._ledger: Ledger = EMPTY
        self._doors: dict[tuple[bytes, bytes, bytes, bytes], Door] = {}
        self._layouts: dict[bytes, Layout] = {}
        self._origins: dict[tuple[str, bytes], tuple[bytes, bytes]] = {}
        self._second, self._stamp, self._on = 0, "", date.min

    def begin(
        self, scope: Scope, tell: Callable[[str], None], loop: asyncio.AbstractEventLoop
    ) -> Begun | None:
        """Read, and hand the evidence over; None, with nothing changed, when the general way has to be taken.

        `tell` is called in `loop` when the evidence is durable (with nothing) or is not (with the reason). Raises
        JournalUnavailable when evidence cannot be taken any more.
        """
        fields = _plain_fields(scope)
        if fields is None:
            return None
        moment = time.time()
        self._keep_up(moment)
        given = read_input(fields.get(b"signature-input", b""))
        if given is None or not self._is_signed(scope, fields, given, moment):
            return None
        place, _, last = fields[b"@path"].rpartition(b"/")
        at = (given.key_id, place, fields[b"@query"], fields.get(_GRANT, b""))
        door = self._doors.get(at) or self._open(at, scope)
        if door is None:
            return None
        try:
            found = door.lookup.run(key_parts(last.decode("latin-1")))
        except (InvalidInput, Refused):
            return None
        if not found or not self._take(door, given, moment):
            return None
        return self._answer(door, given, scope, found, moment, tell, loop)

    def _keep_up(self, moment: float) -> None:
        """A new book or a new day: everything is decided anew."""
        ledger = self._corridor.watcher.ledger
        second = int(moment)
        if second != self._second:
            here = datetime.fromtimestamp(second, CHINA)
            self._second, self._stamp = second, here.strftime("%Y-%m-%dT%H:%M:%S.")
            if here.date() != self._on:
                self._on = here.date()
                self._doors.clear()
        if ledger is not self._ledger:
            self._ledger = ledger
            self._doors.clear()

    def _is_signed(self, scope: Scope, fields: dict[bytes, bytes], given: Input, moment: float) -> bool:
        """Coverage, age and signature; what `verify` asks of a request without a body."""
        key = self._ledger.secrets.get(given.key_id.decode("ascii"))
        layout = self._layouts.get(given.head) or make_layout(given.head)
        if key is None or layout is None or given.algorithm != _ALGORITHM:
            return False
        if layout.covers_grant != (_GRANT in fields) or abs(moment - given.created) > self._settings.skew:
            return False
        scheme, authority = self._origin(scope, fields)
        fields[b"@scheme"], fields[b"@authority"] = scheme, authority
        fields[b"@signature-params"] = fields[b"signature-input"][layout.begin :]
        if layout.wants_target:
            query = fields[b"@query"]
            fields[b"@target-uri"] = b"%b://%b%b%b" % (
                scheme,
                authority,
                fields[b"@path"],
                query if len(query) > 1 else b"",
            )
        expected = b"%b%b:" % (layout.label, b2a_base64(key.sign(layout.base(fields)), newline=False))
        if not hmac.compare_digest(expected, fields[b"signature"]):
            return False
        _keep(self._layouts, given.head, layout)
        return True

    def _origin(self, scope: Scope, fields: dict[bytes, bytes]) -> tuple[bytes, bytes]:
        """Scheme and authority as the general way reads them, remembered for each Host."""
        at = (scope["scheme"], fields[b"host"])
        found = self._origins.get(at)
        if found is None:
            message = read_request(scope, self._settings).message
            found = (message.scheme.encode("latin-1"), message.authority.encode("latin-1"))
            _keep(self._origins, at, found)
        return found

    def _open(self, at: tuple[bytes, bytes, bytes, bytes], scope: Scope) -> Door | None:
        """What the corridor's rooms say about a proven key and what it asks; None when they refuse it."""
        try:
            door = self._decide(at[0].decode("ascii"), scope)
        except (Refused, InvalidInput, NotFound, NotInScope):
            return None
        if door is not None:
            _keep(self._doors, at, door)
        return door

    def _decide(self, key_id: str, scope: Scope) -> Door | None:
        ledger, key = self._ledger, self._ledger.keys[key_id]
        request = read_request(scope, self._settings)
        target = find_target(request.message.path)
        if target is None or target.action != "lookup":
            return None
        check_key(key, self._on)
        draft = Draft(request, target, key=key_id)
        held = find_grant(draft, ledger, key, self._on)
        resource = ledger.resources[target.resource]
        if held.row is None or resource.version is None or self._is_counted(held.row):
            return None
        draft.version = resource.version
        reading = parse_reading(draft, resource, self._settings.max_parameters)
        prepared = self._corridor.runner.prepare(held, resource.version, reading)
        known = orjson.dumps({"resource": target.resource, "version": draft.version})
        return Door(
            key_id=key_id,
            held=held,
            version=resource.version,
            lookup=prepared.lookup,
            unique=prepared.unique,
            evidence=ReadForm(draft.read(columns=list(prepared.lookup.columns), rows=1, answer="")),
            opening=known[:-1] + (b',"row":' if prepared.unique else b',"rows":'),
            headers=[
                (b"content-type", JSON),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
                (b"shuqiao-version", draft.version.encode()),
                (b"shuqiao-grant", draft.grant.encode()),
            ],
        )

    def _is_counted(self, row: GrantRow) -> bool:
        """Whether answers under this grant say how much of a limit is left: the general way tells."""
        return bool(row.daily_quota or row.rate_per_minute or self._settings.rate_per_minute)

    def _take(self, door: Door, given: Input, moment: float) -> bool:
        """Use up the nonce and count the read: both or none."""
        corridor, row = self._corridor, door.held.row
        if corridor.watcher.unwatched or not corridor.evidence.has_room:
            return False
        if row is None or not corridor.memory.quota.take(row.id, row.daily_quota, on=self._on).allowed:
            return False
        try:
            if corridor.memory.nonces.use(
                door.key_id, given.nonce.decode("ascii"), created=given.created, now=moment
            ):
                return True
        except WindowFull:
            pass
        corridor.memory.quota.give_back(row.id, on=self._on)
        return False

    def _answer(
        self,
        door: Door,
        given: Input,
        scope: Scope,
        found: list[tuple[Any, ...]],
        moment: float,
        tell: Callable[[str], None],
        loop: asyncio.AbstractEventLoop,
    ) -> Begun:
        columns = door.lookup.columns
        rows = [dict(zip(columns, row, strict=True)) for row in found]
        body = b"%b%b}" % (door.opening, orjson.dumps(rows[0] if door.unique else rows))
        stamp = f"{self._stamp}{int(moment % 1 * 1000):03d}+08:00"
        payload = door.evidence.encode(
            stamp, len(rows), _target(scope), sm3(body).hex(), scope["client"][0], given.created, given.nonce
        )
        receipt = self._corridor.evidence.append_soon(payload, stamp, tell, loop=loop)
        tag = self._corridor.ways.tagger.tag(
            door.version, door.held.mark, f"lookup {_target(scope).decode()}"
        )
        headers = [
            *door.headers,
            (b"content-length", b"%d" % len(body)),
            (b"etag", tag.encode()),
            (b"shuqiao-receipt", receipt.id.encode()),
        ]
        return Begun(receipt, body, headers)


def _plain_fields(scope: Scope) -> dict[bytes, bytes] | None:
    """The headers by name, with path and query among them; None unless everything is plain and within its limits."""
    headers, client = scope["headers"], scope.get("client")
    fields = dict(headers)
    path, query = scope.get("raw_path") or b"", scope["query_string"]
    if (
        len(fields) != len(headers)
        or not fields.keys() <= PLAIN_HEADERS
        or not fields.keys() >= NEEDED_HEADERS
    ):
        return None
    if (
        scope["method"] != "GET"
        or len(path) + len(query) > MOST_TARGET
        or sum(map(len, fields.values())) > MOST_HEADERS
    ):
        return None
    if not is_plain(path) or b"?" in path or not is_plain(query):
        return None
    if not client or not client[0].replace(".", "").replace(":", "").isalnum():
        return None
    fields[b"@path"], fields[b"@query"] = path, b"?" + query
    return fields


def _target(scope: Scope) -> bytes:
    query = scope["query_string"]
    return b"%b?%b" % (scope["raw_path"], query) if query else scope["raw_path"]


def _keep(kept: dict[K, V], at: K, one: V) -> None:
    if len(kept) >= _MOST:
        kept.clear()
    kept[at] = one
