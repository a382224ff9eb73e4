"""Coverage-guided fuzzing of everything that reads a file: `make fuzz`.

    python fuzz/readers.py [libFuzzer options] [corpus folder]

A table or InvalidInput comes out, never another error, and every row is in the version or in its report. Needs
atheris, which `make fuzz` installs into an environment of its own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["shuqiao.store"]):
    from shuqiao.store.tests.mutation import read, seeds


def one(data: bytes) -> None:
    """One input."""
    read(data)


def main() -> None:
    """Fuzz, beginning with a sound file of every format."""
    with tempfile.TemporaryDirectory(prefix="shuqiao-fuzz-") as folder:
        for name, data in seeds().items():
            (Path(folder) / name).write_bytes(data)
        atheris.Setup([*sys.argv, folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
