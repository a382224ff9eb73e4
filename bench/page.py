"""Pages of 100 rows with a filter and their exact total, and pages deep in the table, through a real gateway.

    python bench/page.py [--rows 10000000] [--rounds 5] [--asks 60] [--home DIR] [--no-peer]

One connection asks one page after another. `filtered` asks again for filters it has asked before: counts and found
rows of a version are kept, for a version never changes; `filtered, first ask` asks each filter for the first time.
Beside it Datasette answers the same filters on the same SQLite file, in an environment of its own.
"""

from __future__ import annotations

import argparse
import base64
import json
import shutil
import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
from _results import figure, write
from _serving import free_port, gateway, peer_python, process, publish, signed, write_city


def asked(client: httpx.Client, port: int, key: tuple[str, str], query: str) -> float:
    """Milliseconds of one signed page."""
    url, headers = signed(port, f"/v1/resources/enterprises/rows?{query}", key)
    started = time.perf_counter()
    answer = client.get(url, headers=headers)
    took = (time.perf_counter() - started) * 1000
    if answer.status_code != 200 or len(answer.json()["rows"]) != 100:
        raise SystemExit(f"{answer.status_code}: {answer.text[:300]}")
    return took


def filters(number: int) -> list[str]:
    """Filters of a round: a dense one, one with 1 row in 12,000, one on a range."""
    # Every tenth row is another city's, and so is every tenth day: this one never is.
    day = date(1990, 1, 1) + timedelta(days=1_888 + 360 * number)
    return [
        f"name__startswith={quote(f'enterprise {number + 1}')}",
        f"founded={day}",
        f"founded__between={1995 + number}-05-01,{1995 + number}-05-20",
    ]


def deep_cursor(version: str, row: int) -> str:
    """The cursor of a page that ended at a row in file order."""
    return base64.urlsafe_b64encode(json.dumps([version[:16], [], [row]]).encode()).decode().rstrip("=")


def measure(home: Path, version: str, options: argparse.Namespace) -> dict[str, list[float]]:
    """Milliseconds of every kind of page."""
    key, port = write_city(home, version), free_port()
    deep = deep_cursor(version, min(5_000_000, options.rows // 2))
    taken: dict[str, list[float]] = {
        "first ask": [],
        "filtered": [],
        "front": [],
        "deep": [],
        "datasette": [],
    }
    with process(gateway(port), port, home), httpx.Client(timeout=120) as client:
        time.sleep(1)
        for number in range(options.rounds):
            wanted = [f"{one}&limit=100&count=exact" for one in filters(number)]
            taken["first ask"] += [asked(client, port, key, one) for one in wanted]
            for _ in range(options.asks):
                taken["filtered"] += [asked(client, port, key, one) for one in wanted]
                taken["front"].append(asked(client, port, key, "limit=100"))
                taken["deep"].append(asked(client, port, key, f"limit=100&cursor={deep}"))
    if not options.no_peer:
        taken["datasette"] = datasette(home, version, options)
    return taken


def datasette(home: Path, version: str, options: argparse.Namespace) -> list[float]:
    """Milliseconds of the same filters asked of Datasette, each three times."""
    port, taken = free_port(), []
    file = home / "store" / "versions" / version[:2] / version / "rows.sqlite"
    command = [str(peer_python("datasette", "datasette")), "-m", "datasette", "serve", "-i", str(file)]
    command += ["--port", str(port), "--setting", "sql_time_limit_ms", "60000"]
    with process(command, port, home), httpx.Client(timeout=120) as client:
        for number in range(options.rounds):
            year = 1995 + number
            for condition in (f"c4__exact={year}-03-04", f"c4__gte={year}-05-01&c4__lte={year}-05-20"):
                for _ in range(3):
                    url = f"http://127.0.0.1:{port}/rows/rows.json?c3__exact={quote('营口')}&{condition}"
                    started = time.perf_counter()
                    client.get(url + "&_size=100&_extra=count").raise_for_status()
                    taken.append((time.perf_counter() - started) * 1000)
    return taken


def main() -> int:
    """Run the benchmark; 1 when a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--asks", type=int, default=60)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="shuqiao-bench-"))
    try:
        taken = measure(home, publish(home, options.rows), options)
    finally:
        if options.home is None:
            shutil.rmtree(home, ignore_errors=True)
    middle = {name: statistics.median(times) for name, times in taken.items() if times}
    beside = {"Datasette": middle["datasette"]} if "datasette" in middle else {}
    figures = [
        figure("filtered page with exact total, p50", "ms", middle["filtered"], 10.0, beside=beside),
        figure("filtered page, first ask, p50", "ms", middle["first ask"]),
        figure("first page, p50", "ms", middle["front"]),
        figure("deep page / first page", "", middle["deep"] / middle["front"], 1.2),
    ]
    return 0 if write("page", figures, rows=options.rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
