"""The shape of the house: layers, doors, foreign keys that point down, pure rules, small files."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "shuqiao"
APPS = (
    "accounts",
    "organizations",
    "procedures",
    "catalog",
    "resources",
    "delivery",
    "sharing",
    "opening",
    "portal",
)
ORDER = {name: height for height, name in enumerate(APPS)}
DOORS = {
    "types",
    "queries",
    "services",
    "events",
    "access",
    "jobs",
    "checks",
    "previewing",
    "conditions",
    "mailing",
    "parties",
    "identities",
    "limits",
    "owning",
    "standing_in",
    "substituting",
    "calendars",
    "workdays",
    "feeds",
    "reminding",
    "supervising",
    "paging",
    "day_input",
}
# models of the three foundation apps are rows every app may hold (a user, a department, a term); read-only above.
ROWS_FOR_ALL = {("accounts", "models"), ("organizations", "models"), ("procedures", "models")}
PURE_FORBIDDEN = ("django", "shuqiao.settings", "time", "random", "os")
LONG_FILES: dict[str, int] = {}  # the debt list: may only shrink


def sources(under: Path = PACKAGE) -> list[Path]:
    return [p for p in under.rglob("*.py") if "migrations" not in p.parts and "tests" not in p.parts]


def imports_of(path: Path) -> list[tuple[int, str]]:
    """What a file imports when it runs; what only the type checker reads is left out."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def test_layers_hold() -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("app", APPS)
def test_apps_meet_at_their_doors(app: str) -> None:
    wrong = []
    for path in sources(PACKAGE / app):
        for line, name in imports_of(path):
            parts = name.split(".")
            if parts[0] != "shuqiao" or len(parts) < 3 or parts[1] not in APPS or parts[1] == app:
                continue
            if set(parts[2:4]) & DOORS or (parts[1], parts[2]) in ROWS_FOR_ALL:
                continue  # a door of the app, or of one of its procedures
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_foreign_keys_point_down() -> None:
    wrong = []
    for app in APPS:
        for model in apps.get_app_config(app).get_models() if apps.is_installed(f"shuqiao.{app}") else ():
            for field in model._meta.get_fields():
                target = field.related_model if field.concrete and field.is_relation else None
                if target and target._meta.app_label in ORDER and ORDER[target._meta.app_label] > ORDER[app]:
                    wrong.append(f"{model.__name__}.{field.name} → {target._meta.label}")
    assert not wrong, "\n".join(wrong)


def test_rules_are_pure() -> None:
    wrong = []
    for path in (p for p in sources() if p.name == "rules.py" or p.parent.name == "rules"):
        for line, name in imports_of(path):
            head = name.split(".")
            if name.startswith(PURE_FORBIDDEN) and not name.startswith("django.db.models.TextChoices"):
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
            if head[0] == "shuqiao" and head[-2] in {"models", "queries", "services"}:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_no_signals_between_apps() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for line, name in imports_of(path)
        if name.startswith("django.dispatch") or name.startswith("django.db.models.signals")
    ]
    assert not wrong, "\n".join(wrong)


def test_files_and_functions_are_small() -> None:
    wrong = []
    for path in sources():
        name = str(path.relative_to(PACKAGE))
        text = path.read_text()
        lines = text.count("\n")
        if lines > LONG_FILES.get(name, 400):
            wrong.append(f"{name}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 50:
                    wrong.append(f"{name}:{node.lineno} {node.name}: {length} lines")
        assert path.stem not in {"utils", "helpers", "managers"}, f"{name}: give the thing a home with a name"
    assert not wrong, "\n".join(wrong)


def test_no_inline_scripts_or_styles_in_templates() -> None:
    wrong = []
    for path in PACKAGE.rglob("templates/**/*.html"):
        text = re.sub(r"(?s){% comment %}.*?{% endcomment %}", "", path.read_text())
        marks = (" style=", "onclick=", "onchange=", "javascript:", "<style")
        wrong += [f"{path.relative_to(ROOT)}: {mark}" for mark in marks if mark in text]
        for part in text.split("<script")[1:]:
            opening = part.split(">")[0]
            if "src=" not in opening and "application/json" not in opening:
                wrong.append(f"{path.relative_to(ROOT)}: inline script")
    assert not wrong, "\n".join(wrong)


def test_no_test_data_of_others_and_no_host_names_in_the_project() -> None:
    """Nothing of the real files is in the project, and no lock or config names a registry's host."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    assert not [
        name for name in tracked if name.endswith((".csv", ".csv.gz", ".geojson", ".xls", ".jsonl.gz"))
    ]
    hosts = ("pytho" + "nhosted", "pyp" + "i.org", "registry.np" + "mjs")
    locks = [
        name
        for name in tracked
        if name.startswith(("requirements/", "frontend/")) or name == "pyproject.toml"
    ]
    wrong = [name for name in locks if any(host in (ROOT / name).read_text() for host in hosts)]
    assert not wrong


SELDOM = {
    "adbc_driver_manager", "docx", "faker", "fontTools", "fpdf", "httpx", "icalendar", "joserfc", "openpyxl", "pandas",
    "pyarrow.dataset", "pypinyin",
}  # fmt: skip
STARTS = {
    "python -m shuqiao.cli --help": (
        "import sys; sys.argv[1:] = ['--help']; import shuqiao.cli; shuqiao.cli.app(standalone_mode=False)",
        SELDOM | {"django", "duckdb", "numpy", "pyarrow"},
    ),
    "gateway": ("import shuqiao.gateway.serve", SELDOM | {"django", "typer"}),
    "web": ("import shuqiao.wsgi, shuqiao.urls", SELDOM | {"typer"}),
    "worker": ("import django; django.setup(); import shuqiao.worker", SELDOM | {"typer"}),
}


@pytest.mark.parametrize("part", STARTS)
def test_what_a_part_seldom_needs_is_loaded_when_it_does(part: str, tmp_path: Path) -> None:
    code, heavy = STARTS[part]
    code += "; print('\\n' + ' '.join(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}"],
        env={
            **os.environ, "SHUQIAO_HOME": str(tmp_path), "PYTHONPATH": str(PACKAGE.parent),
            "DJANGO_SETTINGS_MODULE": "shuqiao.settings",
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert "shuqiao.kernel" in loaded
    assert not loaded & heavy
