"""What the empty sheets offer in their lists: the classes, departments and systems of the person's own place."""

from __future__ import annotations

from shuqiao.accounts.types import Actor
from shuqiao.catalog.classification import nodes_of
from shuqiao.catalog.models import Revision
from shuqiao.catalog.spreadsheet import Offered
from shuqiao.catalog.types import Status
from shuqiao.organizations import queries as organizations

SYSTEMS_MAX = 2_000


def offered_for(actor: Actor) -> Offered:
    """Lists for the division of the person's first post; the national classes alone for who has none. Three queries."""
    post = actor.first_post
    if post is None:
        return Offered(nodes_of(""))
    systems = (
        Revision.objects.filter(entry__division=post.division, status=Status.PUBLISHED)
        .exclude(source_system="")
        .order_by("source_system")
        .values_list("source_system", flat=True)
        .distinct()
    )
    departments = organizations.list_departments(division=post.division)
    return Offered(nodes_of(post.division), [one.name for one in departments], list(systems[:SYSTEMS_MAX]))
