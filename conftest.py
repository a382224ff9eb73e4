"""What every test of the project may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the project. Skips by name where it is absent, except in CI."""
    folder = Path(os.environ.get("SHUQIAO_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        missing = f"real data files are not at {folder}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return folder
