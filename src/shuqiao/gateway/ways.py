"""The ways of all reads but a single row: pages, figures, many keys, exports and files. They work in threads, within
a deadline, and stop when the client leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from shuqiao.gateway.answers import NOT_MODIFIED, Headers, Outcome
from shuqiao.gateway.book import KeyRow, ResourceRow
from shuqiao.gateway.citing import SCOPE, articles_of
from shuqiao.gateway.compressing import SMALL, choose_encoding, pack
from shuqiao.gateway.conditional import Tagger, has_it
from shuqiao.gateway.delivering import Deliveries, Delivery
from shuqiao.gateway.evidence import Draft, EvidenceLog
from shuqiao.gateway.grants import Held
from shuqiao.gateway.leaving import Leaving
from shuqiao.gateway.pools import Pool, Slots, returning
from shuqiao.gateway.queries import Reading
from shuqiao.gateway.ranges import OutsideFile, Part, range_holds, wanted_part
from shuqiao.gateway.refusals import Refused
from shuqiao.gateway.running import Runner, json_outcome, refusing
from shuqiao.gateway.settings import GatewaySettings
from shuqiao.gateway.sources import ExportSource, FileSource, Source
from shuqiao.kernel.time import today
from shuqiao.store import Mask, OpenContent, Page, PreparedLookup, Running, VersionHandle

_UNPACKED = frozenset({"xlsx", "parquet"})  # formats that are packed themselves


@dataclass(slots=True)
class Read:
    """A read that may happen: who asks, under which grant, what, from which version."""

    draft: Draft
    key: KeyRow | None
    held: Held
    resource: ResourceRow
    reading: Reading
    leaving: Leaving

    @property
    def reader(self) -> str:
        """Whose long reads are counted together: a key's, or an anonymous address's."""
        return f"key {self.key.id}" if self.key else f"address {self.draft.request.client}"

    def header(self, name: str) -> str:
        """A header of the request, in lower case; empty when it is not there."""
        return self.draft.request.message.headers.get(name, "")


class Ways:
    """Threads and slots of one process for its long reads."""

    def __init__(self, settings: GatewaySettings, runner: Runner, evidence: EvidenceLog) -> None:
        self._settings, self._runner, self._evidence = settings, runner, evidence
        self.tagger = Tagger(settings.master_key)
        self.scans = Pool("scan", threads=settings.scans, queue=settings.scan_queue)
        self.exports = Pool("export", threads=settings.exports, queue=settings.open_exports)
        self.slots = Slots(most=settings.open_exports, each=settings.key_exports)
        self.deliveries = Deliveries()

    async def run(self, read: Read) -> Outcome | Delivery:
        """The outcome of a read, or its delivery when it is long. Raises Refused."""
        with refusing(read.held):
            if read.draft.target.action == "file":
                return await self._file(read)
            self._tables_only(read)
            return await (self._export(read) if read.draft.target.format else self._page(read))

    def not_modified(self, read: Read) -> Outcome | str:
        """The mark that the answer of this read has; or that the client has it already, which needs no query."""
        target = f"{read.draft.target.action} {read.draft.request.target}"
        tag = self.tagger.tag(read.draft.version, read.held.mark, target)
        return unmodified(tag) if has_it(read.header("if-none-match"), tag) else tag

    def close(self) -> None:
        """Wait for the threads."""
        self.scans.close()
        self.exports.close()

    def _tables_only(self, read: Read) -> None:
        handle, let_go = self._runner.take(read.draft.version)
        let_go()
        if handle.meta.content is not None:
            raise Refused(404, "gateway.table.missing", "这个资源是文件，请用 /file 读取")

    async def _page(self, read: Read) -> Outcome:
        handle, let_go = self._runner.take(read.draft.version)
        running = Running(self._settings.page_seconds)
        work: Callable[[], Outcome]
        if read.draft.target.action == "lookups":
            prepared = self._runner.prepare(read.held, read.draft.version, read.reading)
            work = partial(_many, read, prepared.lookup)
        else:
            work = partial(_page, read, handle, running)
        encoding = choose_encoding(read.header("accept-encoding"))
        try:
            return await self.scans.run(
                lambda: _packed(work(), encoding, self._settings.max_answer), running, read.leaving
            )
        finally:
            let_go()

    async def _export(self, read: Read) -> Delivery:
        give_back = self.slots.take(read.reader)
        handle, let_go = self._runner.take(read.draft.version)
        kind, reading = read.draft.target.format, read.reading
        encoding = "" if kind in _UNPACKED else choose_encoding(read.header("accept-encoding"))
        running = Running(self._settings.export_seconds)

        def open_it() -> tuple[Source, bytes | None]:
            export = handle.export(reading.query, read.held.scope, kind, bom=reading.bom, running=running)
            source = ExportSource(export, encoding)
            try:
                return source, source.next()
            except BaseException:
                source.close()
                raise

        with returning(let_go), returning(give_back):
            source, first = await self.exports.run(open_it, running, read.leaving)
        headers = [(b"content-disposition", disposition(read.draft.target.resource, kind, reading.name))]
        if kind not in _UNPACKED:
            headers.append((b"vary", b"accept-encoding"))
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        return self._delivery(read, source, first, running, given=(let_go, give_back), headers=headers)

    async def _file(self, read: Read) -> Outcome | Delivery:
        """A file version, whole or in part, or what is to be said of it."""
        handle, let_go = self._runner.take(read.draft.version)
        with returning(let_go):
            content = _content(read, handle)
            tag = f'"{content.sha256}"'
            headers = _file_headers(read, content, tag)
            if has_it(read.header("if-none-match"), tag):
                let_go()
                return unmodified(tag)
            if read.draft.request.message.method == "HEAD":
                let_go()
                kind = content.media_type.encode()
                return Outcome([], 0, "", kind, length=content.size, headers=headers)
            part = _part(read, content, tag)
            give_back = self.slots.take(read.reader)
            running = Running(self._settings.export_seconds)
            chunk = self._settings.chunk
            with returning(give_back):
                source, first = await self.exports.run(
                    lambda: _opened(content, part or Part(0, content.size), chunk), running, read.leaving
                )
        if part:
            said = f"bytes {part.start}-{part.end - 1}/{content.size}"
            headers.append((b"content-range", said.encode()))
        return self._delivery(
            read,
            source,
            first,
            running,
            given=(let_go, give_back),
            headers=headers,
            status=206 if part else 200,
        )

    def _delivery(
        self,
        read: Read,
        source: Source,
        first: bytes | None,
        running: Running,
        *,
        given: tuple[Callable[[], None], ...],
        headers: Headers,
        status: int = 200,
    ) -> Delivery:
        def let_go() -> None:
            self.deliveries.remove(delivery)
            for give_back in given:
                give_back()

        delivery = Delivery(
            draft=read.draft,
            key=read.key,
            held=read.held,
            source=source,
            first=first,
            running=running,
            leaving=read.leaving,
            pool=self.exports,
            evidence=self._evidence,
            stall=self._settings.stall_seconds,
            let_go=let_go,
            headers=headers,
            status=status,
        )
        self.deliveries.add(delivery)
        return delivery


def unmodified(tag: str) -> Outcome:
    """The client has it: nothing is sent again, and it is a read of no rows."""
    return Outcome([], 0, "", b"", status=NOT_MODIFIED, tag=tag)


def _page(read: Read, handle: VersionHandle, running: Running) -> Outcome:
    """In a thread: one page of rows or of groups."""
    find = handle.aggregate if read.draft.target.action == "aggregate" else handle.rows
    page: Page = find(read.reading.query, read.held.scope, running=running)
    content = {"rows": page.rows, "next": page.next_cursor, "count": page.total}
    return json_outcome(read.draft, list(page.columns), len(page.rows), content)


def _many(read: Read, lookup: PreparedLookup) -> Outcome:
    """In a thread: the rows of many keys."""
    columns = lookup.columns
    found = lookup.run_many(read.reading.keys)
    rows = [[dict(zip(columns, row, strict=True)) for row in of_key] for of_key in found]
    return json_outcome(read.draft, list(columns), sum(len(of_key) for of_key in rows), {"rows": rows})


def _packed(outcome: Outcome, encoding: str, most: int) -> Outcome:
    if len(outcome.body) > most:
        reason = f"答复超过 {most} 字节，请减少行数（limit）或改用导出"
        raise Refused(400, "gateway.limit.answer", reason)
    outcome.headers.append((b"vary", b"accept-encoding"))
    if encoding and len(outcome.body) >= SMALL:
        outcome.body = pack(outcome.body, encoding)
        outcome.headers.append((b"content-encoding", encoding.encode()))
    return outcome


def _content(read: Read, handle: VersionHandle) -> OpenContent:
    """The file, which a grant gives whole or not at all."""
    if handle.meta.content is None:
        raise Refused(404, "gateway.file.missing", "这个资源是表，请用 /rows 或 /export 读取")
    scope = read.held.scope
    if scope.where.all or any(column.mask is not Mask.NONE for column in scope.columns):
        reason = "授权有行条件或脱敏要求，文件不能整个给出"
        raise Refused(403, SCOPE, reason, *articles_of(SCOPE, read.held.named, today()))
    return handle.open_content()


def _opened(content: OpenContent, part: Part, chunk: int) -> tuple[Source, bytes | None]:
    source = FileSource(content, part, chunk)
    return source, source.next()


def _part(read: Read, content: OpenContent, tag: str) -> Part | None:
    wanted = read.header("range")
    if not wanted or not range_holds(read.header("if-range"), tag):
        return None
    try:
        return wanted_part(wanted, content.size)
    except OutsideFile:
        said = {"content-range": f"bytes */{content.size}"}
        reason = f"文件只有 {content.size} 字节"
        raise Refused(416, "gateway.range.outside", reason, headers=said) from None


def _file_headers(read: Read, content: OpenContent, tag: str) -> Headers:
    extension = content.filename.rpartition(".")[2] if "." in content.filename else "bin"
    plain = extension if extension.isascii() and extension.isalnum() else "bin"
    name = disposition(read.draft.target.resource, plain, content.filename)
    return [
        (b"etag", tag.encode()),
        (b"accept-ranges", b"bytes"),
        (b"content-disposition", name),
    ]


def disposition(resource: str, extension: str, name: str) -> bytes:
    """The file's name twice (RFC 6266): in Chinese for whoever reads RFC 5987, and plain for all others."""
    return (
        f"attachment; filename=\"{resource}.{extension}\"; filename*=UTF-8''{quote(name, safe='')}".encode()
    )
