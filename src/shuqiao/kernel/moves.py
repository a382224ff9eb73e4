"""State machines are tables: what may follow what. A model's `move_to` asks here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from shuqiao.kernel.errors import IllegalMove

State = TypeVar("State", bound=str)


def check_move(
    moves: Mapping[State, Collection[State]], current: State, wanted: State, *, what: str
) -> State:
    """Return `wanted` when `moves` lets it follow `current`.

    `what` names the thing in the error, e.g. "共享申请 营数享〔2026〕0001号". Raises IllegalMove.
    """
    if wanted not in moves.get(current, ()):
        raise IllegalMove(what, label_of(current), label_of(wanted))
    return wanted


def label_of(state: str) -> str:
    """The Chinese label of a TextChoices member; any other string as it is."""
    return str(getattr(state, "label", state))
