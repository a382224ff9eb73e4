"""Moments in the preview of open data are written as everywhere else."""

from __future__ import annotations

import pytest

from shuqiao.opening.queries import moment


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-23T09:41:17", "2026年11月23日 09:41:17"),
        ("2026-11-23T01:41:17+00:00", "2026年11月23日 09:41:17"),
        ("2026", "2026"),
        ("2026-11-23", "2026-11-23"),
        ("20**", "20**"),
        (None, None),
    ],
)
def test_moments_are_written_in_chinese_and_masked_ones_stay(value, shown):
    assert moment(value) == shown
