"""Rules for open-data portals whose catalogues are known: field names only, one TOML file per portal."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from shuqiao.catalog.mappings.rules import Rules

FOLDER = Path(__file__).parent / "portals"


@cache
def portal_rules() -> Mapping[str, Rules]:
    """Portal (`province_city` in pinyin) to its rules. Read once; a file that is no rules is loud."""
    found = {
        path.stem: Rules.from_json(tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*.toml"))
    }
    return MappingProxyType(found)
