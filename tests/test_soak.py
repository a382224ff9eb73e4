"""The soak of `tests/soak.py`, for as long as a test may take: the same invariants, except for memory, which needs
longer to say anything."""

from __future__ import annotations

import pytest

from tests.soak import Soak


@pytest.mark.crash
def test_under_mixed_load_every_answer_has_its_record_and_a_suspension_holds(tmp_path):
    result = Soak(tmp_path / "home", seconds=20).run()
    faults = [fault for fault in result["faults"] if not fault.startswith("memory")]
    assert not faults, "\n".join(faults)
    assert result["received"] > 500
    for kind in (
        "lookup 200",
        "batch 200",
        "page 200",
        "aggregate 200",
        "export 200",
        "suspended 200",
        "suspended 403",
    ):
        assert result["answers"].get(kind), f"no {kind} in {result['answers']}"
