"""Every term and rule is read by some code outside the law, or is said to be kept only."""

from __future__ import annotations

import ast

import pytest

from shuqiao.law import RULES, TERMS, load_packs
from shuqiao.law.coverage import project_root
from shuqiao.law.vocabulary import DOCUMENTED_ONLY

# They name ids to show them: the table of screens, the style guide, the sample city.
SHOWING = ("law/", "sample/", "cli/screens.py", "portal/samples.py")


@pytest.fixture(scope="module")
def read() -> set[str]:
    """Every string that stands as code, not as a docstring, in the modules of the apps."""
    source = project_root() / "src" / "shuqiao"
    found: set[str] = set()
    for path in sorted(source.rglob("*.py")):
        name = path.relative_to(source).as_posix()
        if name.startswith(SHOWING) or "/tests/" in name or "/migrations/" in name:
            continue
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        found |= {node.value for node in nodes if isinstance(node, ast.Constant) and type(node.value) is str}
    return found


def test_every_term_and_rule_is_read_or_said_to_be_kept_only(read: set[str]) -> None:
    known = RULES.keys() | TERMS.keys()
    assert known - read - DOCUMENTED_ONLY.keys() == set(), "nobody reads these: use them, or say why not"
    assert DOCUMENTED_ONLY.keys() & read == set(), "these are read now: take them off the list"
    assert DOCUMENTED_ONLY.keys() <= known
    assert all(why.strip() for why in DOCUMENTED_ONLY.values())


def test_no_text_sets_days_that_nobody_counts() -> None:
    for pack in load_packs().values():
        assert all(pack.terms[name].silent for name in DOCUMENTED_ONLY.keys() & TERMS.keys()), pack.id
