"""Writing a job's figures, the same way for every job."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

RESULTS = Path(__file__).parent / "results"


def figure(name, unit, value, target=None, *, at_least=False, beside=None) -> dict:
    """One figure; `at_least` says on which side of the target it must lie."""
    ok = target is None or (value >= target if at_least else value <= target)
    shown = {peer: round(number, 3) for peer, number in (beside or {}).items()}
    return {"name": name, "unit": unit, "value": round(value, 3), "target": target, "ok": ok, "beside": shown}


def write(job: str, figures: list[dict], **versions: object) -> bool:
    """Write bench/results/<job>.json; whether every figure is as it must be."""
    known = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "duckdb": duckdb.__version__,
        "pyarrow": pa.__version__,
    }
    result = {
        "id": job,
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs",
        "versions": {**known, **versions},
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{job}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    return all(one["ok"] for one in figures)
