"""What a browser's session remembers of a sign-in: the ones on their way, and an identity nobody has confirmed yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from shuqiao.kernel import InvalidInput
from shuqiao.opening.identity.types import WHERE, Begun, Identity

ON_THEIR_WAY = 5  # of one browser: somebody opens several windows
LIVES = timedelta(minutes=10)
PROOF_LIVES = timedelta(minutes=10)
_BEGUN, _FOUND, _PROVED = "unified-begun", "unified-found", "unified-proved"


def _fresh(at: str, now: datetime, lives: timedelta) -> bool:
    return now - lives < datetime.fromisoformat(at) <= now


def remember_begun(request: HttpRequest, begun: Begun, *, then: str, at: datetime) -> None:
    """A sign-in leaves for the service; `then` is where it goes afterwards."""
    kept = [row for row in request.session.get(_BEGUN, []) if _fresh(row["at"], at, LIVES)]
    row = {**begun.as_dict(), "then": then, "at": at.isoformat()}
    request.session[_BEGUN] = [*kept, row][-ON_THEIR_WAY:]


def take_begun(request: HttpRequest, state: str, *, at: datetime) -> tuple[Begun, str]:
    """The sign-in that an answer belongs to, once. Raises InvalidInput when this browser began none with that state."""
    kept = request.session.get(_BEGUN, [])
    mine = [row for row in kept if row["state"] == state]
    if mine:
        request.session[_BEGUN] = [row for row in kept if row["state"] != state]
    if not mine or not _fresh(mine[0]["at"], at, LIVES):
        raise InvalidInput.one(WHERE, "这次登录不是从这个浏览器开始的，或者已经过时。请重新开始")
    row = mine[0]
    return Begun(row["state"], row["nonce"], row["verifier"]), row["then"]


def remember_found(request: HttpRequest, identity: Identity, *, then: str, at: datetime) -> None:
    """A proved identity without a registration waits for its person to decide."""
    request.session.cycle_key()
    request.session[_FOUND] = {"identity": identity.as_dict(), "then": then, "at": at.isoformat()}


def found(request: HttpRequest, *, at: datetime) -> tuple[Identity, str] | None:
    """The identity that waits, and where to go afterwards."""
    kept = request.session.get(_FOUND)
    if not kept or not _fresh(kept["at"], at, LIVES):
        return None
    return Identity.from_dict(kept["identity"]), kept["then"]


def forget_found(request: HttpRequest) -> None:
    """Decided."""
    request.session.pop(_FOUND, None)


def remember_proof(request: HttpRequest, *, at: datetime) -> None:
    """The service has just said who this is: in place of a password for a few minutes."""
    request.session[_PROVED] = at.isoformat()


def just_proved(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the person of this session signed in by the service within the last minutes."""
    kept = request.session.get(_PROVED, "")
    return bool(kept) and _fresh(kept, at, PROOF_LIVES)
