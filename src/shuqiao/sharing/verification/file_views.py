"""Pages of the files that prove a verification."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from shuqiao.accounts.access import Request
from shuqiao.kernel.time import today
from shuqiao.sharing.models import VerificationFile
from shuqiao.sharing.verification import attaching


@require_POST
def attach(request: Request, verification_id: UUID) -> HttpResponse:
    """A file is added."""
    given = request.FILES.get("file")
    attaching.attach_file(
        actor=request.actor,
        verification_id=verification_id,
        name=(given.name or "") if given else "",
        content=attaching.bytes_of(given),
        on=today(),
    )
    messages.success(request, "已附上，摘要记入经过，提供部门可以下载。")
    return redirect("sharing:verification", verification_id)


@never_cache
@require_GET
def download(request: Request, file_id: UUID) -> HttpResponse:
    """A file, to be kept and not shown in the browser."""
    return answer_of(*attaching.file_for(request.actor, file_id))


def answer_of(found: VerificationFile, content: bytes) -> HttpResponse:
    """The bytes as an attachment that no browser shows or guesses at."""
    response = HttpResponse(content, content_type=found.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
