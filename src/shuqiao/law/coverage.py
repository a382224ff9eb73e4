"""Which tests hold the system to which article: read from the marks in the test files, not by importing them.

A mark is ``@pytest.mark.article("yingkou-2022", "20")`` on a function, a class, a parameter set, or in a
module's ``pytestmark``. The ratchet file lists the articles covered so far; that list may only grow. The gate
asks more: every system article of the parts that are built has a test, the others are named with their part.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shuqiao.law.loading import load_packs
from shuqiao.law.parts import Part, is_due, later_parts, parts_of
from shuqiao.law.types import ArticleKind

RATCHET = Path("tests/law_coverage.json")
REFRESH = "shuqiao law coverage --write"
_TESTS = ("src/**/tests/**/test_*.py", "tests/**/test_*.py")


class CoverageError(ValueError):
    """A mark that cannot be read or names no article: file, line, why."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        self.path, self.line, self.reason = path, line, reason
        super().__init__(f"{path}:{line}: {reason}")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A test that carries the mark of an article. `test` is written as pytest writes it."""

    pack: str
    article: str
    test: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One article of one pack with the tests that carry its mark."""

    pack: str
    article: str
    kind: ArticleKind
    tests: tuple[str, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the system that share in the article."""
        return parts_of(self.pack, self.article)

    def to_json(self) -> dict[str, Any]:
        """The row as `shuqiao law coverage --json` prints it."""
        return {
            "pack": self.pack,
            "article": self.article,
            "kind": self.kind.value,
            "parts": [part.value for part in self.parts],
            "due": is_due(self.pack, self.article, self.kind),
            "tests": list(self.tests),
        }


def project_root() -> Path:
    """The folder of the source tree this module lies in. Raises CoverageError outside a source tree."""
    root = Path(__file__).resolve().parents[3]
    if not (root / "pyproject.toml").is_file() or not (root / "src" / "shuqiao").is_dir():
        raise CoverageError(str(root), 0, "not a source tree; the tests are not part of an installed package")
    return root


def scan(root: Path) -> tuple[Mark, ...]:
    """Every mark in the test files below `root`, sorted. Raises CoverageError on a bad mark."""
    paths = sorted({path for pattern in _TESTS for path in root.glob(pattern)})
    marks: set[Mark] = set()
    for path in paths:
        name = path.relative_to(root).as_posix()
        marks.update(scan_source(path.read_text(encoding="utf-8"), name))
    return tuple(sorted(marks))


def scan_source(source: str, path: str) -> list[Mark]:
    """The marks of one test file. `path` names it in test ids and errors."""
    return list(_TestFile(ast.parse(source, filename=path), path).marks())


def coverage(marks: Iterable[Mark]) -> tuple[CoverageRow, ...]:
    """Every article of every pack with its tests, in the order of the texts."""
    tests: dict[tuple[str, str], list[str]] = {}
    for mark in marks:
        tests.setdefault((mark.pack, mark.article), []).append(mark.test)
    return tuple(
        CoverageRow(pack.id, article.number, article.kind, tuple(tests.get((pack.id, article.number), ())))
        for pack in load_packs().values()
        for article in pack.articles.values()
    )


def covered(rows: Sequence[CoverageRow]) -> tuple[str, ...]:
    """The articles that at least one test holds the system to, as "pack:number"."""
    return tuple(f"{row.pack}:{row.article}" for row in rows if row.tests)


def ratchet_text(rows: Sequence[CoverageRow]) -> str:
    """The ratchet file that matches these rows."""
    articles = covered(rows)
    return json.dumps({"covered": len(articles), "articles": articles}, indent=1) + "\n"


def lost_articles(rows: Sequence[CoverageRow], ratchet: str) -> tuple[str, ...]:
    """The articles the ratchet file lists that no test covers any more."""
    now = set(covered(rows))
    return tuple(article for article in json.loads(ratchet)["articles"] if article not in now)


def owed(rows: Iterable[CoverageRow]) -> tuple[CoverageRow, ...]:
    """The system articles of the parts that are built which no test holds. The gate is shut while there are any."""
    return tuple(row for row in rows if not row.tests and is_due(row.pack, row.article, row.kind))


def left_for_later(rows: Iterable[CoverageRow]) -> dict[Part, tuple[CoverageRow, ...]]:
    """The system articles without a test by the part still to come that has to hold them."""
    waiting = [
        row
        for row in rows
        if not row.tests and row.kind is ArticleKind.SYSTEM and not is_due(row.pack, row.article, row.kind)
    ]
    return {
        part: found
        for part in Part
        if (found := tuple(row for row in waiting if part in later_parts(row.pack, row.article)))
    }


def held_in_part(rows: Iterable[CoverageRow]) -> tuple[CoverageRow, ...]:
    """The system articles with a test in which a part still to come has a share."""
    return tuple(
        row
        for row in rows
        if row.tests and row.kind is ArticleKind.SYSTEM and later_parts(row.pack, row.article)
    )


class _TestFile:
    """One parsed test file: walks its tests and collects the article marks on each."""

    def __init__(self, tree: ast.Module, path: str) -> None:
        self.tree, self.path = tree, path
        # A parameter list may stand in a module's constant: its marks count where a decorator names it.
        self.constants = {name: value for node in tree.body for name, value in _assigned(node)}

    def marks(self) -> Iterator[Mark]:
        """Every test with every article on it, those of its class and module included."""
        for test, pairs in self._tests(self.tree.body, "", self._own_marks(self.tree.body)):
            for pack, article in pairs:
                yield Mark(pack, article, f"{self.path}::{test}")

    def _tests(
        self, body: Sequence[ast.stmt], prefix: str, inherited: list[tuple[str, str]]
    ) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        for node in body:
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                own = [*inherited, *self._pairs(node.decorator_list), *self._own_marks(node.body)]
                yield from self._tests(node.body, f"{prefix}{node.name}::", own)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                yield f"{prefix}{node.name}", [*inherited, *self._pairs(node.decorator_list)]

    def _own_marks(self, body: Sequence[ast.stmt]) -> list[tuple[str, str]]:
        """The marks of a module's or a class's `pytestmark`."""
        found = [value for node in body for name, value in _assigned(node) if name == "pytestmark"]
        return list(self._pairs(found))

    def _pairs(self, roots: Sequence[ast.expr]) -> Iterator[tuple[str, str]]:
        """The (pack, article) of every article mark below the expressions, checked against the packs."""
        waiting, opened = list(roots), set[str]()
        while waiting:
            for node in ast.walk(waiting.pop()):
                if isinstance(node, ast.Call) and _is_article_mark(node.func):
                    yield self._pair(node)
                elif isinstance(node, ast.Name) and node.id in self.constants and node.id not in opened:
                    opened.add(node.id)
                    waiting.append(self.constants[node.id])

    def _pair(self, call: ast.Call) -> tuple[str, str]:
        values = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        if len(values) != 2 or len(call.args) != 2 or call.keywords:
            reason = 'write the mark with two literals: article("yingkou-2022", "20")'
            raise CoverageError(self.path, call.lineno, reason)
        pack, number = str(values[0]), str(values[1])
        if pack not in load_packs():
            raise CoverageError(self.path, call.lineno, f"there is no pack {pack!r}")
        try:
            article = load_packs()[pack].article(number)
        except LookupError as error:
            raise CoverageError(self.path, call.lineno, str(error)) from None
        return pack, article.number


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The names a statement gives a value to."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value


def _is_article_mark(func: ast.expr) -> bool:
    return (
        isinstance(func, ast.Attribute)
        and func.attr == "article"
        and isinstance(func.value, ast.Attribute)
        and func.value.attr == "mark"
    )
