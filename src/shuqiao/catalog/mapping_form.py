"""What the editor of a mapping sends, as rules."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from shuqiao.catalog.mappings import TARGETS, FieldRule, Rules

MAX_LINES = 500


def rules_of(data: QueryDict) -> dict[str, Any]:
    """The rules as `Rules.from_json` takes them: elements without column and default are left out."""
    fields = {key: rule for key in TARGETS if (rule := _rule(key, data))}
    found: dict[str, Any] = {
        "per": data.get("per", "entry"),
        "fields": fields,
        "where": _pairs(data.get("where", "")),
    }
    if items := data.get("items", "").strip():
        found["items"] = items
    return found


def lines_of(data: QueryDict) -> Rules:
    """What was written, to be shown again however wrong it is."""
    fields = {}
    for key in TARGETS:
        if rule := _rule(key, data):
            rest = {
                name: rule[name] for name in ("until", "values", "otherwise", "default", "form", "shorten")
            }
            fields[key] = FieldRule(tuple(rule["from"]), **rest)
    per = "item" if data.get("per") == "item" else "entry"
    return Rules(fields, per, data.get("items", ""), _pairs(data.get("where", "")))  # type: ignore[arg-type]


def _rule(key: str, data: QueryDict) -> dict[str, Any] | None:
    sources = [one for one in data.getlist(f"from-{key}") if one.strip()]
    default = data.get(f"default-{key}", "").strip()
    if not sources and not default:
        return None
    values = _pairs(data.get(f"values-{key}", ""))
    form = data.get(f"form-{key}", "")
    return {
        "from": sources,
        "default": default,
        "values": values,
        "otherwise": "" if values and data.get(f"otherwise-{key}") == "empty" else None,
        "until": data.get(f"until-{key}", ""),
        "form": form,
        "shorten": f"shorten-{key}" in data,
    }


def _pairs(text: str) -> dict[str, str]:
    """Lines of word=ours."""
    lines = [line.partition("=") for line in text.splitlines()[:MAX_LINES] if "=" in line]
    return {word.strip(): ours.strip() for word, _, ours in lines if word.strip()}
