"""A CSV of 10 million rows to a published version, beside the raw parts alone and `sqlite-utils insert`.

    python bench/ingest.py

Sizes for a quick run by environment: BENCH_INGEST_ROWS (10,000,000), BENCH_INGEST_ROUNDS (3), BENCH_INGEST_PEER_ROWS
(500,000, of the same file: rows per second are compared). Each round runs the product, the raw parts and the peer in
turn, each in a process of its own; medians are printed and written to bench/results/ingest.json. Memory is the
largest sum of resident sizes of a process and its children, sampled. Raw parts: DuckDB CSV to Parquet, ADBC ingest
into SQLite, its index, a profile by DuckDB. The peer is installed into an environment of its own in a cache folder.
"""

from __future__ import annotations

import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = int(os.environ.get("BENCH_INGEST_ROWS", "10000000"))
ROUNDS = int(os.environ.get("BENCH_INGEST_ROUNDS", "3"))
PEER_ROWS = min(ROWS, int(os.environ.get("BENCH_INGEST_PEER_ROWS", "500000")))
PEER = "sqlite-utils==3.38"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "shuqiao-bench"
SECONDS_OF_TEN_MILLION, MEMORY, OF_RAW, OF_PEER = 40.0, 2048.0, 1.6, 10.0
HEADER = "统一社会信用代码,企业名称,地区,成立日期,注册资本,从业人数\n"


def generate(path: Path, rows: int) -> None:
    """A seeded table of enterprises: code, name, region, day, sum with two places, whole number."""
    chance = random.Random(20260101)
    days = [(date(1980, 1, 1) + timedelta(days=number)).isoformat() for number in range(16_000)]
    regions = ["营口", "沈阳", "大连", "鞍山", "抚顺", "本溪", "丹东", "锦州"]
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(rows):
            draw = chance.getrandbits(64)
            file.write(
                f"91{draw % 10**9:09d}{number % 10**7:07d},辽宁企业{number}有限责任公司第{draw % 997}分部,"
                f"{regions[draw & 7]},{days[draw % 16_000]},{draw % 10**10 / 100:.2f},{draw % 4_999}\n"
            )


# What is measured, each in a process of its own: prints one JSON object.


def product(folder: Path) -> dict[str, float]:
    """Look at the file, then build and publish its version with row index and profile."""
    import msgspec

    from shuqiao import store

    source = folder / "source.csv"
    started = time.perf_counter()
    preview = store.sniff(source)
    looked, used = time.perf_counter(), time.process_time()
    recipe = msgspec.structs.replace(preview.recipe(), keys=(("统一社会信用代码",),))
    built = store.build(source, recipe, folder / "store")
    done, cpu = time.perf_counter(), time.process_time() - used
    if built.meta.quarantined or not built.meta.keys[0].unique:
        raise SystemExit(f"{built.meta.quarantined} rows were set aside")
    return {"rows": built.meta.rows, "sniff": looked - started, "build": done - looked, "build cpu": cpu}


def raw(folder: Path) -> dict[str, float]:
    """The parts alone, one after the other, each as fast as its library goes."""
    import adbc_driver_sqlite.dbapi as adbc
    import duckdb
    import pyarrow.parquet as pq

    parquet, database = folder / "raw.parquet", folder / "raw.sqlite"
    times = {}
    started, used = time.perf_counter(), time.process_time()
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"COPY (SELECT row_number() OVER () AS n, column0 AS c1, column1 AS c2, column2 AS c3, column3 AS c4, "
            f"(column4 * 100)::BIGINT AS c5, column5 AS c6 FROM "
            f"read_csv('{folder / 'source.csv'}', header=false, skip=1, "
            f"columns={{'column0':'VARCHAR','column1':'VARCHAR','column2':'VARCHAR','column3':'VARCHAR',"
            f"'column4':'DECIMAL(18,2)','column5':'BIGINT'}})) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)"
        )
        times["parquet"] = time.perf_counter() - started
        started = time.perf_counter()
        parts = [f"count(c{n}), approx_count_distinct(c{n}), min(c{n}), max(c{n})" for n in range(1, 7)]
        connection.execute(f"SELECT {', '.join(parts)} FROM '{parquet}'").fetchall()
        times["profile"] = time.perf_counter() - started
    connection = adbc.connect(str(database), autocommit=True)
    with connection, connection.cursor() as cursor:
        for pragma in (
            "journal_mode=OFF",
            "synchronous=OFF",
            "locking_mode=EXCLUSIVE",
            "page_size=8192",
            "cache_size=-131072",
        ):
            cursor.execute(f"PRAGMA {pragma}")
            cursor.fetchall()
        cursor.execute(
            "CREATE TABLE rows (n INTEGER PRIMARY KEY, c1 TEXT, c2 TEXT, c3 TEXT, c4 TEXT, c5 INTEGER, c6 INTEGER)"
        )
        started = time.perf_counter()
        with pq.ParquetFile(parquet) as file:
            import pyarrow as pa

            cursor.adbc_ingest(
                "rows",
                pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches()),
                mode="append",
            )
        times["ingest"] = time.perf_counter() - started
        started = time.perf_counter()
        cursor.execute("CREATE INDEX k1 ON rows (c1)")
        times["index"] = time.perf_counter() - started
    return {**times, "total": sum(times.values()), "cpu": time.process_time() - used}


def peer_program() -> Path:
    """sqlite-utils, installed once."""
    home = CACHE / PEER.replace("==", "-")
    program = home / "bin" / "sqlite-utils"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "-q", PEER], check=True)
    return program


def peer_command(folder: Path) -> list[str]:
    """Insert with a primary key."""
    command = [
        str(peer_program()),
        "insert",
        str(folder / "peer.sqlite"),
        "rows",
        str(folder / "peer.csv"),
        "--csv",
    ]
    return [*command, "--pk", "统一社会信用代码"]


# Measuring.


def resident(root: int) -> int:
    """Bytes resident of a process and all it started."""
    total, wanted = 0, {root}
    statuses = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        statuses[int(entry.parent.name)] = (int(fields[1]), int(fields[21]))
    grown = True
    while grown:
        more = {pid for pid, (parent, _) in statuses.items() if parent in wanted} - wanted
        wanted |= more
        grown = bool(more)
    total = sum(statuses[pid][1] for pid in wanted if pid in statuses)
    return total * os.sysconf("SC_PAGE_SIZE")


def run(command: list[str]) -> tuple[float, float, str]:
    """Seconds, peak MiB and output of a command."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as out, subprocess.Popen(command, env=environment, stdout=out) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.05)
        seconds = time.perf_counter() - started
        out.seek(0)
        text = out.read().decode()
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:4])}… ended with {process.returncode}")
    return seconds, peak / 2**20, text


def rounds(folder: Path) -> list[dict[str, float]]:
    """Product, raw parts and peer in turn."""
    measured = []
    me = [sys.executable, str(Path(__file__))]
    for number in range(ROUNDS):
        shutil.rmtree(folder / "store", ignore_errors=True)
        for leftover in ("raw.parquet", "raw.sqlite", "peer.sqlite"):
            (folder / leftover).unlink(missing_ok=True)
        _, memory, out = run([*me, "product", str(folder)])
        mine = json.loads(out)
        _, _, out = run([*me, "raw", str(folder)])
        parts = json.loads(out)
        seconds, _, _ = run(peer_command(folder))
        one = {
            "sniff": mine["sniff"],
            "build": mine["build"],
            "build cpu": mine["build cpu"],
            "memory": memory,
            **{f"raw {name}": value for name, value in parts.items()},
            "of raw": mine["build"] / parts["total"],
            "cpu of raw": mine["build cpu"] / parts["cpu"],
            "rows/s": ROWS / mine["build"],
            "peer rows/s": PEER_ROWS / seconds,
            "of peer": ROWS / mine["build"] / (PEER_ROWS / seconds),
        }
        measured.append(one)
        print(
            f"  round {number + 1}  " + "  ".join(f"{name} {value:,.2f}" for name, value in one.items()),
            flush=True,
        )
    return measured


def figures(measured: list[dict[str, float]]) -> list[dict[str, object]]:
    """The figures of the result file."""
    middle = {name: statistics.median(one[name] for one in measured) for name in measured[0]}
    seconds = SECONDS_OF_TEN_MILLION * ROWS / 10_000_000

    def figure(
        name: str, unit: str, key: str, target: float | None, beside: dict[str, float], *, least: bool = False
    ) -> dict[str, object]:
        value = middle[key]
        ok = target is None or (value >= target if least else value <= target)
        shown = {label: round(number, 2) for label, number in beside.items()}
        return {
            "name": name,
            "unit": unit,
            "value": round(value, 2),
            "target": target,
            "ok": ok,
            "beside": shown,
        }

    parts = {name.removeprefix("raw "): value for name, value in middle.items() if name.startswith("raw ")}
    return [
        figure("CSV to published version, index, profile", "s", "build", seconds, parts),
        figure("looking at the file first (sniff)", "s", "sniff", None, {}),
        figure("peak memory of both", "MiB", "memory", MEMORY, {}),
        figure("times the raw parts", "", "of raw", OF_RAW, {}),
        figure("times the raw parts' CPU time", "", "cpu of raw", None, {"build cpu s": middle["build cpu"]}),
        figure("rows per second", "rows/s", "rows/s", None, {"sqlite-utils": middle["peer rows/s"]}),
        figure("times sqlite-utils insert", "", "of peer", OF_PEER, {}, least=True),
    ]  # fmt: skip


def main() -> int:
    """Run the benchmark; 1 when a target is missed."""
    if len(sys.argv) == 3 and sys.argv[1] in {"product", "raw"}:
        found = (product if sys.argv[1] == "product" else raw)(Path(sys.argv[2]))
        print(json.dumps(found))
        return 0
    import adbc_driver_sqlite
    import duckdb
    import pyarrow as pa

    folder = Path(tempfile.mkdtemp(prefix="shuqiao-bench-"))
    try:
        generate(folder / "source.csv", ROWS)
        with (
            (folder / "source.csv").open(encoding="utf-8") as whole,
            (folder / "peer.csv").open("w", encoding="utf-8") as part,
        ):
            part.writelines(line for line, _ in zip(whole, range(PEER_ROWS + 1), strict=False))
        size = (folder / "source.csv").stat().st_size
        print(f"ingest: {ROWS:,} rows, {size / 2**20:,.0f} MiB, {os.cpu_count()} CPUs")
        result = figures(rounds(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for one in result:
        mark = "ok" if one["ok"] else "MISSED"
        print(
            f"  {one['name']:42}{one['value']:>14,} {one['unit']:8}{mark:7}target {one['target']}  {one['beside']}"
        )
    out = ROOT / "bench" / "results" / "ingest.json"
    out.parent.mkdir(exist_ok=True)
    versions = {
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "pyarrow": pa.__version__,
        "adbc-driver-sqlite": adbc_driver_sqlite.__version__,
        "peer": PEER,
        "rows": ROWS,
        "bytes": size,
    }
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs"
    written = {
        "id": "ingest",
        "date": date.today().isoformat(),
        "machine": machine,
        "versions": versions,
        "figures": result,
    }
    out.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n")
    return 0 if all(one["ok"] for one in result) else 1


if __name__ == "__main__":
    raise SystemExit(main())
