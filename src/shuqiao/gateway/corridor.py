"""The way of a read, straight through: authenticate, find the grant, parse, count, narrow and run, write the
evidence, answer. Each room is one function; nothing is revisited."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from shuqiao.gateway.answers import Answer, Headers, Outcome
from shuqiao.gateway.auth import authenticate
from shuqiao.gateway.book import KeyRow
from shuqiao.gateway.citing import EVIDENCE, SAFEGUARD, articles_of
from shuqiao.gateway.counting import count_reads
from shuqiao.gateway.delivering import Delivery
from shuqiao.gateway.describing import describe
from shuqiao.gateway.evidence import Draft, EvidenceLog
from shuqiao.gateway.grants import Ledger, find_grant
from shuqiao.gateway.leaving import Leaving
from shuqiao.gateway.memory import Memory
from shuqiao.gateway.metrics import Metrics
from shuqiao.gateway.queries import parse_reading
from shuqiao.gateway.refusals import PROBLEM_JSON, Refused, problem
from shuqiao.gateway.requests import Receive
from shuqiao.gateway.running import Runner
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.watching import Watcher
from shuqiao.gateway.ways import Read, Ways
from shuqiao.journal import JournalUnavailable, Receipt, Record
from shuqiao.kernel.time import now, today


@dataclass(slots=True)
class Corridor:
    """What a read passes through, and the memory of the gateway, which is there once it has started."""

    settings: GatewaySettings
    watcher: Watcher
    evidence: EvidenceLog
    runner: Runner
    ways: Ways
    metrics: Metrics
    memory: Memory = field(init=False)

    async def answer(self, draft: Draft, receive: Receive) -> Answer:
        """The answer to a read, its evidence durable; a refusal is an answer too. A long answer is still to be
        sent when this returns: the evidence that it begins is durable."""
        leaving = Leaving(receive)
        counted: Headers = []
        try:
            outcome = await self._read(draft, leaving, counted)
            if isinstance(outcome, Delivery):
                return await self._begin(outcome, counted)
            record = draft.read(columns=outcome.columns, rows=outcome.rows, answer=outcome.digest)
            receipt = await self._append(draft, record)
        except Refused as refused:
            leaving.end()
            return await self.refuse(draft, self._resting(draft, refused))
        except JournalUnavailable as error:
            leaving.end()
            return self.unrecorded(error)
        leaving.end()
        headers = [*_named(draft, receipt.id), *counted, *outcome.headers]
        if outcome.tag:
            headers.append((b"etag", outcome.tag.encode()))
        return Answer(outcome.status, outcome.content_type, outcome.body, headers, outcome.length)

    async def _read(self, draft: Draft, leaving: Leaving, counted: Headers) -> Outcome | Delivery:
        ledger = self.watcher.ledger
        if ledger.revision < 0:
            raise Refused.later("gateway.book.missing", "网关还没有授权簿", seconds=1, status=503)
        if self.watcher.unwatched:
            raise Refused.later("gateway.book.unwatched", "网关没有跟上授权簿", seconds=5, status=503)
        key = self._authenticate(draft, ledger)
        held = find_grant(draft, ledger, key, today())
        resource = ledger.resources[draft.target.resource]
        if resource.version is None:
            raise Refused(404, "gateway.resource.unpublished", "这个资源还没有发布的版本")
        draft.version = resource.version
        reading = parse_reading(draft, resource, self.settings.max_parameters)
        reads, rate = max(1, len(reading.keys)), self.settings.rate_per_minute
        counted += count_reads(self.memory, held, reads=reads, rate=rate, at=now())
        await self.runner.ready(resource.version)
        self.runner.check(held, resource.version)
        read = Read(draft, key, held, resource, reading, leaving)
        outcome = await self._run(read)
        if isinstance(outcome, Delivery):
            self._check_again(outcome)
        return outcome

    async def _run(self, read: Read) -> Outcome | Delivery:
        action = read.draft.target.action
        if read.draft.target.format or action in ("file", "lookups"):
            return await self.ways.run(read)
        tag = self.ways.not_modified(read)
        if isinstance(tag, Outcome):
            return tag
        if action == "lookup":
            outcome = self.runner.look_up(read.draft, read.held, read.reading)
        elif action == "openapi":
            outcome = describe(read, self.runner)
        else:
            found = await self.ways.run(read)
            assert isinstance(found, Outcome)
            outcome = found
        outcome.tag = tag
        return outcome

    def _authenticate(self, draft: Draft, ledger: Ledger) -> KeyRow | None:
        """Who asks; whoever proves no key shares the fair use of their address."""
        moment, skew = time.time(), self.settings.skew
        try:
            key = authenticate(draft, ledger, self.memory.nonces, now=moment, today=today(), skew=skew)
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

    def _check_again(self, delivery: Delivery) -> None:
        """The first piece of an export takes a while: what was stopped or narrowed meanwhile is not begun."""
        reason = delivery.why_not(self.watcher.ledger, today())
        if not reason:
            return
        delivery.drop()
        key = delivery.key
        if key is not None and self.watcher.ledger.keys.get(key.id) != key:
            raise Refused(401, "gateway.key.revoked", "读取期间密钥已变更或撤销")
        find_grant(delivery.draft, self.watcher.ledger, key, today())
        raise Refused.later("gateway.grant.changed", f"{reason}，请重新读取", seconds=1, status=503)

    async def _begin(self, delivery: Delivery, counted: Headers) -> Answer:
        """A long answer whose beginning is evidence."""
        draft, source = delivery.draft, delivery.source
        try:
            receipt = await self._append(draft, draft.begun(columns=source.columns))
        except BaseException:
            delivery.drop()
            raise
        delivery.receipt = receipt.id
        headers = [*_named(draft, receipt.id), *counted]
        return Answer(
            delivery.status, source.content_type, headers=headers, length=source.length, delivery=delivery
        )

    async def _append(self, draft: Draft, record: Record) -> Receipt:
        begun = time.perf_counter()
        receipt = await self.evidence.append(record)
        if draft.target.action != "lookup":  # enough to know how long a commit takes
            self.metrics.commit(time.perf_counter() - begun)
        return receipt

    async def refuse(self, draft: Draft, refused: Refused) -> Answer:
        """The answer of a refusal, its evidence durable. Only what an address asks beyond its fair use is not
        recorded: otherwise a stranger could fill the log."""
        receipt = ""
        if refused.decision.rule != "gateway.limit.fair_use":
            try:
                receipt = (await self.evidence.append(draft.refusal(refused.decision))).id
            except JournalUnavailable as error:
                return self.unrecorded(error)
        return problem_answer(refused, receipt=receipt)

    def unrecorded(self, error: JournalUnavailable) -> Answer:
        """The answer when evidence cannot be written: none of what was read."""
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
    return Answer(refused.status, PROBLEM_JSON, problem(refused, receipt=receipt), headers)


def _named(draft: Draft, receipt: str) -> Headers:
    return [
        (b"shuqiao-receipt", receipt.encode()),
        (b"shuqiao-version", draft.version.encode()),
        (b"shuqiao-grant", draft.grant.encode()),
    ]
