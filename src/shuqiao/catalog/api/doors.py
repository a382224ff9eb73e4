"""Who may read the catalogue without a person's session: systems by their application key, and everybody what the
public sees. All else of this REST is behind the default door, a person's session.

Whose a key is, is known above the catalogue (delivery); the root of the REST says it to `SYSTEMS`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import BaseThrottle

from shuqiao.accounts.access import address_of
from shuqiao.accounts.types import ANONYMOUS, Actor

PER_MINUTE, MINUTE = 300, 60
PUBLIC = "public"


class Systems(HttpBearer):
    """A system of another level or of a department, by `Authorization: Bearer <key id>.<secret>`.

    It reads what every department sees, as an actor without any post. A key of somebody outside government opens no
    more than the public sees. A key that is none is refused (401), even where nobody would have to say who asks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.actor_of: Callable[[str], Actor] | None = None

    def __call__(self, request: HttpRequest) -> Any:
        written = request.headers.get("Authorization")
        if written is None:
            return None
        scheme, _, token = written.partition(" ")
        if scheme.lower() != "bearer":
            if request.user_signed_in:  # type: ignore[attr-defined] # what a proxy in front asked for
                return None
            raise HttpError(HTTPStatus.UNAUTHORIZED, "Authorization 只支持 Bearer")
        return self.authenticate(request, token)

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The actor, who from now on is the one of the request."""
        assert self.actor_of is not None  # said by the root before it mounts any address
        actor = self.actor_of(token)
        keep_outside(request, actor)
        request.actor = actor  # type: ignore[attr-defined]
        request.user_signed_in = True  # type: ignore[attr-defined] # what is answered is for this reader only
        return actor


class Sessions(SessionAuth):
    """A person's session, of somebody outside government for the public face alone."""

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The signed-in person."""
        found = super().authenticate(request, key)
        if found is not None:
            keep_outside(request, request.actor)  # type: ignore[attr-defined]
        return found


def keep_outside(request: HttpRequest, actor: Actor) -> None:
    """Raises HttpError (403) where somebody outside government asks for more than the public sees."""
    if actor.party_id is not None and not is_public_face(request):
        raise HttpError(HTTPStatus.FORBIDDEN, "机关以外的单位和个人只能读取公开的目录，请带上 face=public")


def is_public_face(request: HttpRequest) -> bool:
    """Whether what is asked for is what the public sees."""
    return request.GET.get("face") == PUBLIC


def everybody(request: HttpRequest) -> Actor | None:
    """Nobody has to say who asks for what the public sees."""
    return ANONYMOUS if is_public_face(request) else None


class Bound(BaseThrottle):
    """At most so many calls a minute by one system, and by one address without a session; counted by each process of
    the platform for itself. People are not counted."""

    def __init__(self, most: int = PER_MINUTE) -> None:
        self.most, self.minute = most, 0
        self.counts: Counter[str] = Counter()
        self.lock = Lock()

    def allow_request(self, request: HttpRequest) -> bool:
        """Whether this call is still within the bound."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if not (actor.key_id or actor.is_anonymous):
            return True
        whose, minute = actor.key_id or address_of(request) or "", int(time.time() // MINUTE)
        with self.lock:
            if minute != self.minute:
                self.minute = minute
                self.counts.clear()
            self.counts[whose] += 1
            return self.counts[whose] <= self.most

    def wait(self) -> float:
        """Seconds until the next minute."""
        return MINUTE - time.time() % MINUTE


SYSTEMS, BOUND = Systems(), Bound()
READERS = [SYSTEMS, Sessions(), everybody]
# Names of the addresses that have this door.
WITHOUT_SESSION = frozenset({"catalog-changes", "list_entries", "get_entry", "catalog-suggestions"})
