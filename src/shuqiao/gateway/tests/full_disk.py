"""The child of the full-disk test: a gateway whose evidence lies on a file system of its own, of half a MiB.

Runs in a mount namespace of its own (see `unshare` in the test). Reads until the disk is full, makes room, reads
again, and prints what it saw as JSON. Argument: an empty folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from shuqiao.gateway.tests.city import Desk, found, lookup, opened, wait_for
from shuqiao.journal import verify


def main(folder: Path) -> None:
    city = found(folder / "home")
    root = city.settings.journal_root
    root.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(root)]
    subprocess.run(mount, check=True, capture_output=True)
    ballast = root / "ballast"
    ballast.write_bytes(bytes(300_000))
    with opened(city) as desk:
        answered, refusal = _until_full(desk)
        still = [desk.ask(lookup(2), headers=city.bearer()).status_code for _ in range(3)]
        ready = desk.ask("/readyz")
        ballast.unlink()
        wait_for(lambda: desk.ask("/readyz").status_code == 200, seconds=20)
        after = desk.ask(lookup(2), headers=city.bearer())
    entries = city.entries()
    seen = {
        "answered": answered,
        "refusal": refusal,
        "still": still,
        "ready": ready.status_code,
        "after": after.status_code,
        "receipts kept": {*answered, after.headers["shuqiao-receipt"]} <= {e.receipt.id for e in entries},
        "records": len(entries),
        "findings": [str(finding) for finding in verify(root).findings],
    }
    sys.stdout.write(json.dumps(seen, ensure_ascii=False))


def _until_full(desk: Desk) -> tuple[list[str], dict[str, object]]:
    """The receipts of what was answered, and the first answer that was none."""
    receipts: list[str] = []
    while True:
        answer = desk.ask(lookup(2), headers=desk.city.bearer())
        if answer.status_code != 200:
            return receipts, {"status": answer.status_code, **answer.json(), "named": "企业02" in answer.text}
        receipts.append(answer.headers["shuqiao-receipt"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
