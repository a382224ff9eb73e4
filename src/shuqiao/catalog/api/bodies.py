"""What comes in: a field of a body nobody knows is refused (422), and so is such a parameter of an address (400),
instead of being dropped in silence."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, get_args

from ninja import Schema
from ninja.signature.utils import get_typed_signature
from pydantic import BaseModel, ConfigDict

from shuqiao.accounts.access import Request
from shuqiao.kernel import InvalidInput, Problem


class Body(Schema):
    """Base of every body of the catalogue's REST."""

    model_config = ConfigDict(extra="forbid")


def refuse_unknown(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that refuses parameters of the address it does not know, each named. Asked after who calls."""
    known = _parameters(view)

    @wraps(view)
    def asked(request: Request, *args: Any, **kwargs: Any) -> Any:
        if unknown := sorted(request.GET.keys() - known):
            raise InvalidInput([Problem(name[:100], "没有这个参数") for name in unknown[:100]])
        return view(request, *args, **kwargs)

    return asked


def _parameters(view: Callable[..., Any]) -> frozenset[str]:
    """Names of the parameters a view takes from its address: those of its schemas, and single ones."""
    names: set[str] = set()
    for name, one in get_typed_signature(view).parameters.items():
        kinds = (one.annotation, *get_args(one.annotation))
        schema = next((kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, BaseModel)), None)
        names |= {name} if schema is None else set(schema.model_fields)
    return frozenset(names)
