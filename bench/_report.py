"""docs/performance.md: its tables are written from bench/results, so that no figure in it was typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- results: {} -->", "<!-- end of results -->"


def table(result: dict[str, Any]) -> str:
    """One job's figures as a Markdown table, the machine and the versions named below it."""
    lines = ["| figure | measured | target | | beside it in the same run |", "|---|---|---|---|---|"]
    for figure in result["figures"]:
        beside = "; ".join(f"{name} {number(value)}" for name, value in (figure.get("beside") or {}).items())
        target = "" if figure.get("target") is None else number(figure["target"])
        mark = "" if figure.get("target") is None else ("met" if figure["ok"] else "**missed**")
        unit = f" {figure['unit']}" if figure["unit"] else ""
        lines.append(f"| {figure['name']} | {number(figure['value'])}{unit} | {target} | {mark} | {beside} |")
    versions = ", ".join(f"{name} {value}" for name, value in result["versions"].items())
    return "\n".join([*lines, "", f"{result['date']}, {result['machine']}. {versions}."])


def number(value: float) -> str:
    """A figure as people read it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.4g}"


def written(text: str) -> str:
    """The page with every table between its markers made anew from the results that are there."""
    parts: list[str] = []
    rest = text
    while (at := rest.find("<!-- results: ")) >= 0:
        close = rest.index(" -->", at)
        job = rest[at + len("<!-- results: ") : close]
        end = rest.index(END, close)
        path = RESULTS / f"{job}.json"
        body = table(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else "Not measured."
        parts += [rest[:at], BEGIN.format(job), "\n\n", body, "\n\n", END]
        rest = rest[end + len(END) :]
    return "".join([*parts, rest])


def write() -> None:
    """Write the page anew."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
