"""Sound files of every format, spoiled in every way: a table or InvalidInput, never another error."""

from __future__ import annotations

import random
import resource

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao.store.tests.mutation import read, seeds, spoil

PIECES = [
    b"",
    b"\x00",
    b"\xff",
    b'"',
    b"<",
    b">",
    b"&",
    b"[",
    b"{",
    b",",
    b"\n",
    b"\xff\xff\xff\xff",
    b"\x80\x01",
    b"9" * 20,
]
changes = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.sampled_from(PIECES) | st.binary(max_size=6), st.integers(0, 4)),
    max_size=12,
)


@pytest.mark.parametrize("name", seeds())
def test_sound_files_are_read(name: str) -> None:
    read(seeds()[name])


@pytest.mark.parametrize("name", seeds())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=changes, cut=st.integers(0, 40))
def test_spoiled_files(name: str, changes: list[tuple[int, bytes, int]], cut: int) -> None:
    data = spoil(seeds()[name], changes)
    read(data[: len(data) - cut])


@pytest.mark.parametrize("name", seeds())
def test_heads_with_anything_behind_them(name: str) -> None:
    """The format is told by the head; what follows is noise. Memory stays where it was, give or take 256 MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    noise = random.Random(name)
    head = seeds()[name]
    for length in (4, 16, 64, 200):
        read(head[:length] + noise.randbytes(80_000))
        read(head[:length] + noise.randbytes(16) * 5_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 << 10
