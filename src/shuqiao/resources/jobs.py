"""Duties of the worker: look at big files, build confirmed versions, tidy up after dead workers."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from django.db import OperationalError, connection

from shuqiao import store
from shuqiao.kernel import InvalidInput, NotFound, Problem
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import now as moment
from shuqiao.resources import comparisons, previews, queries, receiving, services
from shuqiao.resources.contents import media_type

log = logging.getLogger("shuqiao.resources")
# A worker shows that it is alive this often, and writes progress at most this often (seconds).
HEARTBEAT = 15.0
PROGRESS = 2.0
STAGED_KEPT = timedelta(hours=6)
SWEEP_EVERY = 600.0
_swept_at = 0.0


def build_versions(now: datetime) -> int:
    """Do what waits, one version after the other; returns how many were taken up.

    Safe in any number of workers and after kill -9: a version is claimed with a lease that the worker renews,
    and what a killed worker left unfinished is nowhere visible.
    """
    sweep(now)
    services.give_up_exhausted(now=now)
    services.finish_complete_transfers(now=now)
    worker = _name()
    done = 0
    while (claim := services.claim_version(worker=worker, now=moment() if done else now)) is not None:
        done += 1
        try:
            with _alive(partial(services.renew_claim, claim=claim), str(claim.version_id)):
                _work(claim)
        except services.LostClaim:
            log.warning("version %s was taken over or given up; leaving it", claim.version_id)
    return done


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{new_id().hex[-8:]}"


def _work(claim: services.Claim) -> None:
    """Look at the file or build the version, and hand in what came of it."""
    try:
        if claim.is_file:
            kept = store.build_file(
                claim.path,
                queries.shelf(),
                filename=claim.filename,
                media_type=media_type(claim.filename),
                progress=_Progress(claim),
            )
            services.finish_build(claim=claim, built=kept, now=moment())
            return
        if claim.recipe is None:
            look = previews.look_again if claim.again else previews.look_at
            seen = look(claim.path, claim.filename, claim.reading, claim.checks)
            services.save_preview(claim=claim, seen=seen, now=moment())
            return
        built = store.build(
            claim.path,
            previews.recipe_from_json(claim.recipe),
            queries.shelf(),
            filename=claim.filename,
            progress=_Progress(claim),
        )
        services.finish_build(claim=claim, built=built, now=moment())
    except InvalidInput as error:
        services.fail_build(claim=claim, problems=error.problems, now=moment())


class _Progress:
    """Writes how far a build is, at most every two seconds; stops it when the claim is lost."""

    def __init__(self, claim: services.Claim) -> None:
        self.claim = claim
        self.written = clock.monotonic()

    def __call__(self, rows: int, done: int) -> None:
        if clock.monotonic() - self.written >= PROGRESS:
            self.written = clock.monotonic()
            services.renew_claim(claim=self.claim, now=moment(), rows=rows, done=done)


@contextmanager
def _alive(renew: Callable[..., None], name: str) -> Iterator[None]:
    """Keep the lease while a step without progress runs (looking at a file, indexing), on a thread of its own."""
    over = threading.Event()

    def beat() -> None:
        try:
            while not over.wait(HEARTBEAT):
                try:
                    renew(now=moment())
                except OperationalError:  # a busy database; the lease outlives three missed beats
                    log.warning("lease of %s not renewed this time", name, exc_info=True)
        except services.LostClaim:
            return  # the main thread finds out when it hands in
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"lease-{name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def sweep(now: datetime) -> int:
    """Remove what dead builds, interrupted uploads and given-up versions left on disk. At most every ten minutes
    in one process. Returns how many things went."""
    global _swept_at  # noqa: PLW0603 - when this process last swept; nothing depends on it but the pace
    if _swept_at and clock.monotonic() - _swept_at < SWEEP_EVERY:
        return 0
    _swept_at = clock.monotonic()
    gone = len(queries.shelf().sweep(STAGED_KEPT)) + receiving.sweep_parts()
    gone += services.expire_transfers(now=now) + services.retire_uploads(now=now)
    for comparison_id in services.forget_comparisons(now=now):
        comparisons.remove(comparison_id)
        gone += 1
    return gone


def retire_versions(now: datetime) -> int:
    """Contents of old versions whose years are over go. Runs once an hour."""
    return services.retire_versions(now=now)


def compare_versions(now: datetime) -> int:
    """Compute the differences that were asked for. Safe in any number of workers and after kill -9."""
    worker = _name()
    done = 0
    while (claim := services.claim_comparison(worker=worker, now=moment() if done else now)) is not None:
        done += 1
        try:
            with _alive(partial(services.renew_comparison, claim=claim), str(claim.comparison_id)):
                _compare(claim)
        except services.LostClaim:
            log.warning("comparison %s was taken over; leaving it", claim.comparison_id)
    return done


def _compare(claim: services.ComparisonClaim) -> None:
    written = clock.monotonic()

    def progress(lines: int) -> None:
        nonlocal written
        if clock.monotonic() - written >= PROGRESS:
            written = clock.monotonic()
            services.renew_comparison(claim=claim, now=moment(), lines=lines)

    try:
        counts, columns = comparisons.compute(claim.wanted, progress)
        services.finish_comparison(claim=claim, counts=counts, columns=columns)
    except (InvalidInput, NotFound) as error:
        problems = error.problems if isinstance(error, InvalidInput) else (Problem("对照", str(error)),)
        services.fail_comparison(claim=claim, problems=problems)
