"""OpenAPI of the control plane: every address is described with the bodies of its own app."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ninja import Schema

from shuqiao.api import api

REF = "#/components/schemas/"


def bodies(kind: type[Schema] = Schema) -> set[type[Schema]]:
    """Every app's bodies; those that a test makes for itself are left out."""
    below = {kind}.union(*(bodies(one) for one in kind.__subclasses__()))
    return {one for one in below if one.__module__.startswith("shuqiao.") and ".tests" not in one.__module__}


def referred(part: Any) -> set[str]:
    """Names of the bodies that a part of the document speaks of."""
    if isinstance(part, list):
        return set().union(*map(referred, part))
    if not isinstance(part, dict):
        return set()
    here = {part["$ref"].removeprefix(REF)} if isinstance(part.get("$ref"), str) else set()
    return here.union(*map(referred, part.values()))


def told(part: dict[str, Any]) -> tuple[Any, list[str]]:
    """What a component offers: its choices, its fields."""
    return part.get("enum"), sorted(part.get("properties", {}))


def test_no_two_bodies_bear_one_name():
    """OpenAPI keeps bodies by name: of two of one name, the later would be described for both."""
    named = defaultdict(set)
    for one in bodies():
        named[one.__name__].add(f"{one.__module__}.{one.__qualname__}")
    assert len(named) > 200
    assert not {name: where for name, where in named.items() if len(where) > 1}


def test_an_address_is_described_with_bodies_of_its_own_app():
    app_of = {one.__name__: one.__module__.split(".")[1] for one in bodies()}
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    components = document["components"]["schemas"]
    seen, foreign = set(), set()
    for path, methods in document["paths"].items():
        waiting = referred(methods)
        while waiting:
            name = waiting.pop()
            seen.add(name)
            inner = referred(components[name]) - seen
            waiting |= inner
            if name in app_of and app_of[name] != path.split("/")[3]:
                foreign.add((path, name))
    assert len(seen & app_of.keys()) > 150
    assert not foreign


def test_what_a_body_refers_to_is_described_as_it_is():
    """Kinds of choices share the names with the bodies: two of one name would offer the choices of the other."""
    components = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]
    wrong = {
        (one.__name__, name)
        for one in bodies()
        for name, part in one.model_json_schema().get("$defs", {}).items()
        if name in components and told(part) != told(components[name])
    }
    assert not wrong
