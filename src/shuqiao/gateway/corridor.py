"""The way of a read, straight through: authenticate, find the grant, parse, narrow and run, write the evidence,
answer. Each room is one function; nothing is revisited."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from urllib.parse import quote

from shuqiao.gateway.answers import Answer, Outcome
from shuqiao.gateway.auth import authenticate
from shuqiao.gateway.book import KeyRow
from shuqiao.gateway.citing import EVIDENCE, SAFEGUARD, SCOPE, articles_of
from shuqiao.gateway.evidence import Draft, EvidenceLog
from shuqiao.gateway.grants import Held, Ledger, find_grant
from shuqiao.gateway.memory import Memory
from shuqiao.gateway.queries import parse_reading
from shuqiao.gateway.refusals import PROBLEM_JSON, Refused, problem
from shuqiao.gateway.running import Runner
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.watching import Watcher
from shuqiao.journal import JournalUnavailable
from shuqiao.kernel.time import now as now_in_china
from shuqiao.kernel.time import today


@dataclass(slots=True)
class Corridor:
    """What a read passes through, and the memory of the gateway, which is there once it has started."""

    settings: GatewaySettings
    watcher: Watcher
    evidence: EvidenceLog
    runner: Runner
    memory: Memory = field(init=False)

    async def answer(self, draft: Draft) -> Answer:
        """The answer to a read, its evidence durable; a refusal is an answer too."""
        try:
            outcome = await self._read(draft)
        except Refused as refused:
            return await self._refuse(draft, self._resting(draft, refused))
        try:
            receipt = await self.evidence.append(
                draft.read(columns=outcome.columns, rows=outcome.rows, answer=outcome.digest)
            )
        except JournalUnavailable as error:
            outcome.drop()
            return self._unrecorded(error)
        except BaseException:
            outcome.drop()
            raise
        return _answer(draft, outcome, receipt.id)

    async def _read(self, draft: Draft) -> Outcome:
        on = today()
        ledger = self.watcher.ledger
        if ledger.revision < 0:
            raise Refused.later("gateway.book.missing", "网关还没有授权簿", seconds=1, status=503)
        if self.watcher.unwatched:
            raise Refused.later("gateway.book.unwatched", "网关没有跟上授权簿", seconds=5, status=503)
        key = self._authenticate(draft, ledger)
        held = find_grant(draft, ledger, key, on)
        version = ledger.resources[draft.target.resource].version
        if version is None:
            raise Refused(404, "gateway.resource.unpublished", "这个资源还没有发布的版本")
        draft.version = version
        reading = parse_reading(draft, ledger.resources[draft.target.resource], self.settings.max_parameters)
        if held.row is not None and not self.memory.quota.take(held.id, held.row.daily_quota, on=on).allowed:
            raise _quota_used_up(held)
        outcome = await self.runner.run(draft, held, version, reading)
        if draft.target.format:
            self._check_again(draft, key, held, outcome)
        return outcome

    def _authenticate(self, draft: Draft, ledger: Ledger) -> KeyRow | None:
        """Who asks; whoever proves no key shares the fair use of their address."""
        moment = time.time()
        try:
            key = authenticate(
                draft, ledger, self.memory.nonces, now=moment, today=today(), skew=self.settings.skew
            )
        except Refused:
            if not draft.key:
                self._take_fair_share(draft, moment)
            raise
        if key is None:
            self._take_fair_share(draft, moment)
        return key

    def _resting(self, draft: Draft, refused: Refused) -> Refused:
        """Whoever does not prove who they are is not answered because of the articles on safeguards: those that bind
        the resource's provider, or any provider where the resource is not known."""
        if refused.status != 401:
            return refused
        rows = self.watcher.ledger.resources
        row = rows.get(draft.target.resource)
        named = row.basis if row else sorted({basis for each in rows.values() for basis in each.basis})
        return refused.resting_on(articles_of(SAFEGUARD, named, today()))

    def _take_fair_share(self, draft: Draft, moment: float) -> None:
        wait = self.memory.fair_use.take(draft.request.client, now=moment)
        if wait:
            raise Refused.later("gateway.limit.fair_use", "这个地址请求过多，请稍后再试", seconds=wait)

    def _check_again(self, draft: Draft, key: KeyRow | None, held: Held, outcome: Outcome) -> None:
        """An export takes a while: what was revoked, suspended or narrowed meanwhile is not handed out."""
        try:
            ledger = self.watcher.ledger
            if key is not None and ledger.keys.get(key.id) != key:
                raise Refused(401, "gateway.key.revoked", "导出期间密钥已变更或撤销")
            if find_grant(draft, ledger, key, today()).scope != held.scope:
                raise Refused.later("gateway.grant.changed", "导出期间授权有变更，请重新导出", seconds=1)
        except Refused:
            outcome.drop()
            raise

    async def _refuse(self, draft: Draft, refused: Refused) -> Answer:
        """The answer of a refusal, its evidence durable. Only what an address asks beyond its fair use is not
        recorded: otherwise a stranger could fill the log."""
        receipt = ""
        if refused.decision.rule != "gateway.limit.fair_use":
            try:
                receipt = (await self.evidence.append(draft.refusal(refused.decision))).id
            except JournalUnavailable as error:
                return self._unrecorded(error)
        return problem_answer(refused, receipt=receipt)

    def _unrecorded(self, error: JournalUnavailable) -> Answer:
        named = {basis for row in self.watcher.ledger.resources.values() for basis in row.basis}
        refused = Refused.later(
            EVIDENCE,
            f"存证写不下去，因此不作答复：{error.reason}",
            *articles_of(EVIDENCE, sorted(named), today()),
            seconds=5,
            status=503,
        )
        return problem_answer(refused, receipt="")


def problem_answer(refused: Refused, *, receipt: str) -> Answer:
    """A refusal as an answer."""
    headers = [(name.encode(), value.encode()) for name, value in refused.headers.items()]
    if receipt:
        headers.append((b"shuqiao-receipt", receipt.encode()))
    return Answer(refused.status, PROBLEM_JSON, problem(refused, receipt=receipt), headers=headers)


def _answer(draft: Draft, outcome: Outcome, receipt: str) -> Answer:
    headers = [
        (b"shuqiao-receipt", receipt.encode()),
        (b"shuqiao-version", draft.version.encode()),
        (b"shuqiao-grant", draft.grant.encode()),
    ]
    if outcome.name:
        headers.append((b"content-disposition", _disposition(draft, outcome.name)))
    return Answer(200, outcome.content_type, outcome.body, outcome.file, outcome.size, headers)


def _disposition(draft: Draft, name: str) -> bytes:
    """The file's name twice (RFC 6266): in Chinese for whoever reads RFC 5987, and plain for all others."""
    plain = f"{draft.target.resource}.{draft.target.format}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}".encode()


def _quota_used_up(held: Held) -> Refused:
    moment = now_in_china()
    left = 86_400 - (moment.hour * 3600 + moment.minute * 60 + moment.second)
    quota = held.row.daily_quota if held.row else 0
    return Refused.later(
        "gateway.limit.quota",
        f"授权每日最多 {quota} 次，今天已用完",
        *articles_of(SCOPE, held.named, moment.date()),
        seconds=left,
    )
