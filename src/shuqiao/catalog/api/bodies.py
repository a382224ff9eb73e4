"""What comes in as the body of a request: a field nobody knows is refused (422), not dropped in silence."""

from __future__ import annotations

from ninja import Schema
from pydantic import ConfigDict


class Body(Schema):
    """Base of every body of the catalogue's REST."""

    model_config = ConfigDict(extra="forbid")
