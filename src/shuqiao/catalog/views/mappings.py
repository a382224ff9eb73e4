"""Column mappings: which column of a foreign table says what; proposed, previewed, saved, used."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.catalog import intake, mappings, services, staging
from shuqiao.catalog.mapping_form import lines_of, rules_of
from shuqiao.catalog.models import ColumnMapping
from shuqiao.catalog.views.importing import AGE, SALT, check, target_of
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound, Problem
from shuqiao.kernel.time import now

SHOWN = 5


@require_GET
def mapping_list(request: Request) -> HttpResponse:
    """The mappings in use in the person's divisions."""
    if not intake.mapping_divisions(request.actor):
        raise NotAllowed(P.CATALOG_ENTRY_EDIT.value, "您没有“编制目录条目”的权限")
    return render(request, "catalog/mappings.html", {"mappings": intake.list_mappings_for(request.actor)})


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Say what the columns of a file just uploaded mean; saved, the file is checked by it."""
    said = _file_of(request)
    path, (_, division) = staging.waiting(said["name"]), target_of(said["target"])
    services.demand_mapping(request.actor, division)
    source = mappings.look(path, said["file"])
    if request.method == "GET":
        return _page(request, mappings.propose(source.columns), source, name=_stem(said["file"]))
    name, problems = request.POST.get("name", ""), cast(Sequence[Problem], ())
    try:
        rules = mappings.Rules.from_json(rules_of(request.POST))
        if "preview" in request.POST:
            return _page(request, rules, source, name=name)
        saved = services.save_mapping(
            actor=request.actor, division=division, name=name, rules=rules.to_json(), at=now()
        )
        return redirect("catalog:import", check(request, path, said["file"], said["target"], saved))
    except InvalidInput as error:  # the page shows what was chosen again, with what is wrong
        problems = error.problems
    return _page(request, lines_of(request.POST), source, name=name, problems=problems)


def _file_of(request: Request) -> dict[str, str]:
    """What the token in the address says. Raises NotFound for one that is old, changed or somebody else's."""
    try:
        said: dict[str, str] = signing.loads(request.GET.get("file", ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        raise NotFound("上传的文件（请重新上传）") from None
    if said["by"] != str(request.actor.user_id):
        raise NotFound("上传的文件（请重新上传）")
    return said


@require_http_methods(["GET", "POST"])
def edit(request: Request, mapping_id: UUID) -> HttpResponse:
    """Change a mapping: what is saved is its next version."""
    mapping = intake.get_mapping_for(request.actor, mapping_id)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            rules = mappings.Rules.from_json(rules_of(request.POST))
            saved = services.save_mapping(
                actor=request.actor,
                division=mapping.division_id,
                name=mapping.name,
                rules=rules.to_json(),
                at=now(),
            )
            messages.success(request, f"已保存为第 {saved.version} 版。")
            return redirect("catalog:mapping", saved.id)
        except InvalidInput as error:  # the page shows what was written again, with what is wrong
            problems = error.problems
    rules = lines_of(request.POST) if request.method == "POST" else mappings.Rules.from_json(mapping.rules)
    return _page(request, rules, None, name=mapping.name, mapping=mapping, problems=problems)


@require_POST
def retire(request: Request, mapping_id: UUID) -> HttpResponse:
    """Offer it no longer."""
    mapping = intake.get_mapping_for(request.actor, mapping_id)
    services.retire_mapping(actor=request.actor, mapping_id=mapping.id)
    messages.success(request, f"“{mapping.name}”不再使用。")
    return redirect("catalog:mappings")


def _stem(filename: str) -> str:
    return filename.partition(".")[0][:100]


def _page(
    request: Request,
    rules: mappings.Rules,
    source: mappings.Source | None,
    *,
    name: str,
    mapping: ColumnMapping | None = None,
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    """The editor: every element with its column, words and default; the first rows as they are and as they come out."""
    used = set(rules.fields) | {
        "title",
        "provider",
        "summary",
        "format",
        "opening_type",
        "update_cycle",
        "theme",
    }
    rows = [
        {
            "key": key,
            "label": label,
            "rule": rules.fields.get(key),
            "values": "\n".join(f"{word}={ours}" for word, ours in rule.values.items())
            if (rule := rules.fields.get(key))
            else "",
        }
        for key, label in mappings.TARGETS.items()
    ]
    context: dict[str, Any] = {
        "name": name,
        "mapping": mapping,
        "source": source,
        "rules": rules,
        "where": "\n".join(f"{column}={value}" for column, value in rules.where.items()),
        "rows": [row for row in rows if row["key"] in used],
        "further": [row for row in rows if row["key"] not in used],
        "problems": [Problem(mappings.TARGETS.get(one.where, one.where), one.what) for one in problems],
        "taken": rules.columns,
    }
    if source:
        context["shown"] = [_shown(record, rules) for record in source.first(SHOWN)]
    return render(request, "catalog/mapping.html", context, status=400 if problems else 200)


def _shown(record: dict[str, str], rules: mappings.Rules) -> dict[str, Any]:
    """One record before and after."""
    cells, notes = mappings.apply(record, rules)
    said = [(mappings.TARGETS[key], text[:200]) for key, text in cells.items()]
    return {"raw": list(islice(record.items(), 40)), "cells": said, "notes": [what for _, what in notes]}
