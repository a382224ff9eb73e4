"""Runs the benchmarks: all, or those named. Each job is a script of this folder that writes bench/results/<id>.json.

Exits non-zero when a job fails or a figure misses its target. The tables of docs/performance.md are written anew.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import _report

HERE = Path(__file__).parent
RESULTS = HERE / "results"


def table(result: dict[str, object]) -> str:
    """One job's figures, with the target and what was measured beside it."""
    lines = [f"\n{result['id']}  {result['date']}  {result['machine']}"]
    for figure in result["figures"]:  # type: ignore[attr-defined]
        beside = "  ".join(f"{name} {value:g}" for name, value in (figure.get("beside") or {}).items())
        mark = "ok " if figure.get("ok") else "MISS"
        lines.append(
            f"  {mark} {figure['name']:<44} {figure['value']:>14,.4g} {figure['unit']:<12} "
            f"target {figure.get('target') or '–'}   {beside}"
        )
    return "\n".join(lines)


def main(wanted: list[str]) -> int:
    """Run the jobs; answer the exit code."""
    jobs = {
        path.stem: path for path in sorted(HERE.glob("*.py")) if path.stem != "run" and path.stem[0] != "_"
    }
    if unknown := [name for name in wanted if name not in jobs]:
        print(f"no such job: {', '.join(unknown)}; there are: {', '.join(jobs)}", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    bad = False
    for name in wanted or jobs:
        path, started = RESULTS / f"{name}.json", time.time()
        ran = subprocess.run([sys.executable, str(jobs[name])], cwd=HERE.parent, check=False)
        bad |= ran.returncode != 0
        if not path.exists() or path.stat().st_mtime < started:
            print(f"{name}: failed with {ran.returncode}, no result", file=sys.stderr)
            bad = True
            continue
        result = json.loads(path.read_text())
        print(table(result))
        bad |= not all(figure.get("ok") for figure in result["figures"])
    _report.write()
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
