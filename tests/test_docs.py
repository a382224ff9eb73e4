"""Documentation is tested: links lead somewhere, both READMEs say the same commands, commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    missing = [
        target
        for target in LINK.findall(page.read_text())
        if "://" not in target
        and not target.startswith(("/", "mailto:"))
        and not (page.parent / target).exists()
    ]
    assert not missing


def test_both_readmes_give_the_same_commands() -> None:
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh-CN.md"))
    commands = [re.findall(r"`?(make \w+|shuqiao [a-z]+ ?[a-z]*)", text) for text in (english, chinese)]
    assert commands[0] == commands[1]
    assert english.count("\n## ") == chinese.count("\n## ")


def test_every_command_of_the_makefile_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for name in set(re.findall(r"make (\w+)", (ROOT / "README.md").read_text())):
        assert re.search(rf"^{name}:", makefile, re.M), name


def test_generated_reference_pages_are_fresh() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "shuqiao.cli", "docs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_figures_on_the_performance_page_are_those_that_were_measured(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    import _report

    page = _report.PAGE.read_text(encoding="utf-8")
    assert page.count("<!-- results: ") >= 6
    assert _report.written(page) == page, "run `make bench`, or write the page anew with bench/_report.py"


def test_the_command_line_names_its_parts() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "shuqiao.cli", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    for command in ("up", "sample", "worker", "law", "journal", "migrate", "docs", "anchors"):
        assert re.search(rf"\b{command}\b", ran.stdout), command
