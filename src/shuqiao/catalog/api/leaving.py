"""REST of drafts given up and of entries that come back."""

from __future__ import annotations

from uuid import UUID

from ninja import Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.catalog import services
from shuqiao.catalog.api.bodies import Body
from shuqiao.catalog.models import Revision
from shuqiao.kernel.time import today

router = Router()


class GiveUpIn(Body):
    """Why, if there is something to say."""

    reason: str = ""


class RestoreIn(Body):
    """Why the entry comes back."""

    reason: str


class StandOut(Schema):
    """A revision and where it stands now."""

    revision: UUID
    entry: UUID
    number: int
    status: str


def _stand(revision: Revision) -> StandOut:
    return StandOut(
        revision=revision.pk, entry=revision.entry_id, number=revision.number, status=revision.status
    )


@router.post(
    "/revisions/{uuid:revision_id}/give-up",
    response=StandOut,
    url_name="catalog-give-up",
    summary="放弃草稿",
)
def give_up(request: Request, revision_id: UUID, body: GiveUpIn) -> StandOut:
    """Give up a draft or a returned revision; what is published stays. 409 once it is submitted."""
    revision = services.give_up_revision(
        actor=request.actor, revision_id=revision_id, reason=body.reason, on=today()
    )
    return _stand(revision)


@router.post(
    "/entries/{uuid:entry_id}/restore",
    response={201: StandOut},
    url_name="catalog-restore",
    summary="恢复撤下的条目",
)
def restore(request: Request, entry_id: UUID, body: RestoreIn) -> Status[StandOut]:
    """Begin the revision by which a withdrawn entry comes back under its code, signed and reviewed as usual."""
    revision = services.restore_entry(actor=request.actor, entry_id=entry_id, reason=body.reason, on=today())
    return Status(201, _stand(revision))
