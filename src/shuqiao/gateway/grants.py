"""The second room: under which grant. The book made ready for lookups in memory, and the choice of a grant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import msgspec

from shuqiao.gateway.book import Book, GrantRow, KeyRow, ResourceRow
from shuqiao.gateway.citing import ENDED, SCOPE, SUSPENDED, articles_of
from shuqiao.gateway.evidence import Draft
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.requests import Target
from shuqiao.gateway.sealing import SealError, grant_context, key_context, unseal
from shuqiao.gateway.signing import GRANT_HEADER, HmacKey
from shuqiao.kernel import Article, InvalidInput
from shuqiao.store import Column, ColumnScope, Condition, Mask, Scope
from shuqiao.store.binding import bind_predicate

OPEN = "open"
FAULTY = "gateway.grant.faulty"
_MODE_LABELS = {"interface": "接口", "batch": "批量", "file": "文件"}


@dataclass(frozen=True, slots=True)
class Held:
    """A grant ready for use: its row (None for what is open to everyone), its scope as the store takes it."""

    id: str
    row: GrantRow | None
    scope: Scope
    named: tuple[str, ...]
    mark: bytes = b""  # of the scope, alike for alike scopes
    fault: str = ""  # why it can never be read under, though nobody who reads did anything wrong

    @property
    def condition(self) -> str:
        """The row condition in words; empty when every row is granted."""
        return str(self.scope.where) if self.scope.where.all else ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A book made ready: keys with their secrets, grants by key and resource, what is open to everyone.

    `faults` names rows that cannot be served (a secret that does not open, a condition that cannot be read);
    they are left out, the rest of the book holds.
    """

    revision: int
    keys: Mapping[str, KeyRow]
    secrets: Mapping[str, HmacKey]
    grants: Mapping[tuple[str, str], Sequence[Held]]
    opened: Mapping[str, Held]
    resources: Mapping[str, ResourceRow]
    faults: tuple[str, ...]
    written_at: str = ""


EMPTY = Ledger(-1, keys={}, secrets={}, grants={}, opened={}, resources={}, faults=())


ColumnsOf = Callable[[str], tuple[Column, ...] | None]
"""The columns of a version, where they are known on this node."""


def make_ledger(book: Book, master_key: bytes, columns_of: ColumnsOf = lambda version: None) -> Ledger:
    """Unseal the secrets and read the conditions of a book, and hold them against the published columns."""
    faults: list[str] = []
    secrets: dict[str, HmacKey] = {}
    for key in book.keys.values():
        try:
            secrets[key.id] = HmacKey(unseal(master_key, key.sealed_secret, context=key_context(key.id)))
        except SealError as error:
            faults.append(f"密钥 {key.id}：{error}")
    grants: defaultdict[tuple[str, str], list[Held]] = defaultdict(list)
    for row in book.grants:
        try:
            held = _hold(row, book.resources.get(row.resource), master_key, columns_of)
        except (SealError, InvalidInput, ValueError) as error:
            faults.append(f"授权 {row.id}：{error}")
            continue
        if held.fault and row.state != "ended":
            faults.append(f"授权 {row.id}：{held.fault}")
        for key_id in row.keys:
            grants[key_id, row.resource].append(held)
    return Ledger(
        revision=book.revision,
        keys=book.keys,
        secrets=secrets,
        grants=grants,
        opened={row.id: _open(row) for row in book.resources.values() if row.open_columns},
        resources=book.resources,
        faults=tuple(faults),
        written_at=book.written_at,
    )


def _hold(row: GrantRow, resource: ResourceRow | None, master_key: bytes, columns_of: ColumnsOf) -> Held:
    hash_key = unseal(master_key, row.hash_key, context=grant_context(row.id)) if row.hash_key else b""
    columns = tuple(ColumnScope(column.name, Mask(column.mask)) for column in row.columns)
    if not hash_key and any(column.mask is Mask.HASH for column in columns):
        raise ValueError("有散列的列，却没有散列密钥")
    scope = Scope(columns, Condition.from_json(row.where), hash_key)
    named = (*row.basis, *(resource.basis if resource else ()))
    columns_now = columns_of(resource.version) if resource and resource.version else None
    return Held(row.id, row, scope, named, _mark(row.id, scope), fault_of(scope, columns_now or ()))


def fault_of(scope: Scope, columns: tuple[Column, ...]) -> str:
    """Why the row condition of a grant cannot hold for any row of these columns: a value of another type."""
    types = {column.name: column for column in columns}
    try:
        for predicate in scope.where.all:
            if predicate.column in types:
                bind_predicate(types[predicate.column], predicate)
    except InvalidInput as error:
        return f"行条件与数据不符：{error}"
    return ""


def _open(row: ResourceRow) -> Held:
    masks = row.open_masks
    names = row.open_columns or ()
    scope = Scope(tuple(ColumnScope(name, Mask(masks.get(name, Mask.NONE))) for name in names))
    return Held(OPEN, None, scope, tuple(row.basis), _mark(OPEN, scope))


def _mark(grant_id: str, scope: Scope) -> bytes:
    return blake2b(msgspec.msgpack.encode((grant_id, scope)), digest_size=16).digest()


def find_grant(draft: Draft, ledger: Ledger, key: KeyRow | None, on: date) -> Held:
    """The grant that this read happens under, noted in the draft. The header Shuqiao-Grant names one of several.

    Without a key only what is open to everyone can be read; a key without a grant may read that too. Raises
    Refused: 401 without a key, 404 for a resource that is not there, 403 when no grant allows the read,
    400 when several do and none is named.
    """
    target, wanted = draft.target, draft.request.message.headers.get(GRANT_HEADER, "")
    opened = ledger.opened.get(target.resource)
    if key is None:
        if opened is None:
            raise Refused(401, "gateway.auth.missing", "请用密钥或签名说明是谁在读取")
        draft.grant = opened.id
        return opened
    resource = ledger.resources.get(target.resource)
    if resource is None:
        raise Refused(404, "gateway.resource.unknown", "没有这个资源")
    grants = ledger.grants.get((key.id, target.resource), ())
    if wanted:
        grants = [held for held in grants if held.id == wanted]
    elif not grants and opened is not None:
        draft.grant = opened.id
        return opened
    if not grants:
        which = f"没有授权 {wanted}" if wanted else "没有这个资源的授权"
        raise Refused(
            403, "gateway.grant.missing", f"这个密钥{which}", *articles_of(SCOPE, resource.basis, on)
        )
    return _usable(draft, grants, on)


def _usable(draft: Draft, grants: Sequence[Held], on: date) -> Held:
    answers = [(held, check_grant(held, draft.target, on)) for held in grants]
    usable = [held for held, refused in answers if refused is None]
    if len(usable) > 1:
        names = "、".join(held.id for held in usable)
        raise Refused(400, "gateway.grant.ambiguous", f"有多个授权可用，请用标头 Shuqiao-Grant 指明：{names}")
    held, refused = (usable[0], None) if usable else answers[0]
    if held.row is not None:
        draft.note_grant(held.row)
    if refused is not None:
        raise refused
    return held


def check_grant(held: Held, target: Target, on: date) -> Refused | None:
    """Why this grant does not allow the read on this day; None when it does."""
    row = held.row
    if row is None:
        return None
    if row.state == "suspended":
        reason = f"授权已暂停：{row.state_reason or '未写明原因'}"
        return Refused(403, SUSPENDED, reason, *_state_basis(held, SUSPENDED, on))
    if row.state == "ended":
        reason = f"授权已终止：{row.state_reason or '未写明原因'}"
        return Refused(403, ENDED, reason, *_state_basis(held, ENDED, on))
    if held.fault:
        return refuse_faulty(held, held.fault, on)
    outside = _outside_period(row, on) or _outside_modes(row, target)
    if outside:
        rule, reason = outside
        return Refused(403, rule, reason, *articles_of(SCOPE, held.named, on))
    return None


def refuse_faulty(held: Held, fault: str, on: date) -> Refused:
    """The refusal of a read under a grant that is wrong in itself."""
    reason = f"授权本身有误，须由提供部门更正（{fault}）"
    return Refused(403, FAULTY, reason, *articles_of(SCOPE, held.named, on))


def _outside_period(row: GrantRow, on: date) -> tuple[str, str] | None:
    if on < row.valid_from:
        return "gateway.grant.not_yet", f"授权自 {row.valid_from.isoformat()} 起有效"
    if row.valid_until is not None and on > row.valid_until:
        return "gateway.grant.expired", f"授权到 {row.valid_until.isoformat()} 为止"
    return None


def _outside_modes(row: GrantRow, target: Target) -> tuple[str, str] | None:
    if any(mode in row.modes for mode in target.modes):
        return None
    granted = "、".join(_MODE_LABELS[mode] for mode in row.modes) or "无"
    asked = "或".join(_MODE_LABELS[mode] for mode in target.modes)
    return SCOPE, f"授权的使用方式是{granted}，这个地址要{asked}方式"


def _state_basis(held: Held, rule: str, on: date) -> tuple[Article, ...]:
    """The articles that the suspension or end names; where it names none, those of the rule."""
    stated = tuple(Article.parse(text) for text in held.row.state_basis) if held.row else ()
    return stated or articles_of(rule, held.named, on)
