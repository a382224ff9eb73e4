"""Small components that stand on a page fifty times, most of them alike: drawn once, then taken from memory.

What is kept is told by every value the template gets, and by its type: a text that is markup already is another value
than the same text from a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

KEPT = 2_000
# For a component that is told by its arguments alone: they count with their types, what lies inside them does not.
remembered = lru_cache(maxsize=KEPT, typed=True)


def drawn(template: str, values: Mapping[str, Any]) -> SafeString:
    """The component with these values, none of which may be a collection that changes."""
    return _drawn(template, tuple(values), *values.values())


@remembered
def _drawn(template: str, names: tuple[str, ...], *values: Any) -> SafeString:
    return mark_safe(get_template(template).render(dict(zip(names, values, strict=True))))  # noqa: S308 - our template
