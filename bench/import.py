"""How fast catalogues come in: `python bench/import.py [--quick]`.

Figures: the 6,590 real entries of 杭州 as a workbook of layout A, from file to drafts (read, checked twice, written in
one transaction), with every problem at its cell; then, for the report, the 100,157 real entries of 64 portals, each by
its rules or by those its headings suggest (`--quick` leaves them out). A fresh SQLite database; peak memory is the
process's.
Writes bench/results/import.json; with the portals also what was assumed and refused, by reason, to
bench/results/import-portals.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import _results

HERE = Path(__file__).parent
SOURCE = Path(os.environ.get("SHUQIAO_SHARED_DATA", HERE.parent.parent / "shared" / "data"))
REPORT = HERE / "results" / "import-portals.json"


def start(folder: Path) -> object:
    """A fresh installation with the small world of the tests."""
    os.environ.update(
        SHUQIAO_HOME=str(folder),
        SHUQIAO_MASTER_KEY="ab" * 32,
        SHUQIAO_DATABASE_URL=f"sqlite:///{folder}/bench.sqlite3",
        DJANGO_SETTINGS_MODULE="shuqiao.settings",
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from shuqiao.organizations.tests.factories import make_city

    return make_city()


def bring_in(city, reading, name: str, **where) -> object:
    """Check and confirm as a bureau's reviewer or a department's cataloguer does."""
    from shuqiao.catalog import services
    from shuqiao.kernel.time import now, today

    by = city.actor("bureau-reviewer" if "division" in where else "provider-cataloguer")
    given = {"department_id": None, **where}
    record = services.check_import(actor=by, reading=reading, file_name=name, sha256=name, at=now(), **given)
    if not record.good:
        return record
    return services.confirm_import(
        actor=by, import_id=record.id, reading=reading, sha256=name, at=now(), on=today()
    )


def hangzhou(city, folder: Path, runs: int) -> list[dict]:
    """From workbook to drafts; taken back between the runs."""
    from shuqiao.catalog import services, spreadsheet
    from shuqiao.catalog.tests import hangzhou as source
    from shuqiao.kernel.time import now, today

    records = source.records(SOURCE / "catalog_hangzhou_2023.json")
    path = source.workbook(records, folder / "hangzhou.xlsx", provider=city.provider.name)
    took, parts = [], Counter()
    for _ in range(runs):
        began = time.perf_counter()
        reading = spreadsheet.read(path)
        read = time.perf_counter()
        record = bring_in(city, reading, "hangzhou.xlsx", department_id=city.provider.id)
        took.append(time.perf_counter() - began)
        parts["read"] += (read - began) / runs
        undoing = time.perf_counter()
        services.undo_import(
            actor=city.actor("provider-cataloguer"), import_id=record.id, at=now(), on=today()
        )
        parts["undo"] += (time.perf_counter() - undoing) / runs
    placed = sum("!" in one["where"] for one in record.problems)
    blocking = sum(bool(one["blocks"]) for one in record.problems)
    return [
        _results.figure(
            f"{record.found:,} entries from workbook to drafts",
            "s",
            statistics.median(took),
            15,
            beside=parts,
        ),
        _results.figure(
            "problems with their cell", "%", 100 * placed / len(record.problems), 100, at_least=True
        ),
        _results.figure("imported", "entries", record.imported, beside={"refused": blocking}),
    ]


def portals(city, folder: Path) -> list[dict]:
    """Every portal's catalogue as a file of its own, as it is harvested; providers nobody knows go to one department,
    their name kept as inner department."""
    from shuqiao.catalog import mappings

    files = _split(folder)
    counts, found, good, mapped, said = Counter(), 0, 0, 0, {}
    began = time.perf_counter()
    for portal, path in files.items():
        source = mappings.look(path, path.name)
        known = mappings.portal_rules().get(portal)
        rules = known or mappings.propose(source.columns)
        reading = mappings.read_mapped(source, rules)
        rest = {"rest": str(city.other.id)}
        record = bring_in(city, reading, path.name, division=city.yingkou.code, choices=rest)
        counts.update(record.counts)
        found, good, mapped = found + record.found, good + record.imported, mapped + bool(known)
        said[portal] = {
            "rules": "own" if known else "proposed",
            "found": record.found,
            "imported": record.imported,
            "fields": {key: list(rule.sources) for key, rule in rules.fields.items()},
            "reasons": record.counts,
        }
        path.unlink()
    took = time.perf_counter() - began
    report = {"found": found, "imported": good, "reasons": dict(counts.most_common()), "portals": said}
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for reason, count in counts.most_common(25):
        print(f"  {count:>8,}  {reason}")
    return [
        _results.figure(f"{found:,} entries of {len(files)} portals", "s", took),
        _results.figure("portals read by rules of their own", "portals", mapped, 10, at_least=True),
        _results.figure("imported as drafts", "entries", good, beside={"refused": found - good}),
    ]


def _split(folder: Path) -> dict[str, Path]:
    handles, paths = {}, {}
    with gzip.open(SOURCE / "catalog_china_portals_2023.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            portal = json.loads(line)["_portal"]
            if portal not in handles:
                paths[portal] = folder / f"{portal}.jsonl"
                handles[portal] = paths[portal].open("w", encoding="utf-8")
            handles[portal].write(line)
    for handle in handles.values():
        handle.close()
    return paths


def main() -> int:
    """Run, write; 1 when a figure misses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="without the portals")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-import-", dir=HERE) as name:
        folder = Path(name)
        city = start(folder)
        figures = hangzhou(city, folder, given.runs)
        figures.append(_peak("peak memory, workbook"))
        if not given.quick:
            figures += portals(city, folder)
            figures.append(_peak("peak memory, all"))
    return 0 if _results.write("import", figures) else 1


def _peak(name: str) -> dict:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return _results.figure(name, "MB", peak, 1024)


if __name__ == "__main__":
    sys.exit(main())
