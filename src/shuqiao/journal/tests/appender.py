"""The child of the kill tests: appends from eight tasks and prints each acknowledged receipt id.

Arguments: directory, segment bytes, file size limit (0: none). Ends, with the reason on the last line, only when
the log refuses.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path

from shuqiao.journal import JournalUnavailable, Writer
from shuqiao.journal.tests.conftest import a_read


async def main(root: Path, segment_bytes: int) -> None:
    writer = Writer(root, "gw1", segment_bytes=segment_bytes, head_every=0.05)

    async def one(number: int) -> None:
        while True:
            number += 1
            receipt = await writer.append(a_read(number, purpose="p" * (number % 700)))
            os.write(1, f"{receipt.id}\n".encode())

    outcomes = await asyncio.gather(*(one(start * 1000) for start in range(8)), return_exceptions=True)
    assert all(isinstance(outcome, JournalUnavailable) for outcome in outcomes), outcomes
    os.write(1, f"refused {writer.failure}\n".encode())


if __name__ == "__main__":
    limit = int(sys.argv[3])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
