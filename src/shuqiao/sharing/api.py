"""REST of the app."""

from ninja import Router

router = Router(tags=["sharing"])
