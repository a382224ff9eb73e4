"""Pages and addresses on which files come in: the form, and tus for files in pieces."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel import InvalidInput
from shuqiao.kernel.time import now
from shuqiao.resources import queries, receiving, services, tus
from shuqiao.resources.forms import UploadForm
from shuqiao.resources.models import Version
from shuqiao.resources.types import Kind
from shuqiao.store.failures import is_full

FULL = "服务器磁盘已满，文件没有收下；请管理员腾出空间后重新上传"


@method_decorator(csrf_exempt, name="dispatch")
class Upload(View):
    """Send a file. Whether the actor may is asked before a byte of the body is read, and so before the form's
    token is looked for in it: two gigabytes are not taken from somebody who may not send them."""

    def dispatch(self, request: Request, resource_id: UUID) -> HttpResponse:  # type: ignore[override]
        """Access first, then the token, then the body."""
        self.resource = queries.get_resource_for(request.actor, resource_id, P.RESOURCES_RESOURCE_EDIT)
        if request.method not in {"GET", "HEAD", "POST"}:
            return self.http_method_not_allowed(request)
        try:
            return self.answer(request)
        except InvalidInput as error:  # too big: said while the body is read, wherever that happens
            said = [one.what if one.where == "文件" else str(one) for one in error.problems]
            return self.again(request, said, 400)
        except OSError as error:
            if not is_full(error):
                raise
            return self.again(request, [FULL], 507)

    @method_decorator(csrf_protect)
    def answer(self, request: Request) -> HttpResponse:
        """The form, or what came of it."""
        form = self.form(request)
        if request.method != "POST":
            return self.show(request, form)
        if not form.is_valid():
            return self.show(request, form, 400)
        kind = Kind(self.resource.kind)
        version = services.receive_upload(
            actor=request.actor,
            resource_id=self.resource.id,
            taken=receiving.take(form.cleaned_data["file"], kind),
            at=now(),
        )
        return redirect(next_address(version))

    def form(self, request: Request) -> UploadForm:
        """The form with what was sent."""
        kind = Kind(self.resource.kind)
        if request.method == "POST":
            return UploadForm(request.POST, request.FILES, kind=kind)
        return UploadForm(kind=kind)

    def again(self, request: Request, problems: list[str], status: int) -> HttpResponse:
        """The form once more, with what is wrong at its field."""
        form = UploadForm({}, {}, kind=Kind(self.resource.kind))
        form.errors["file"] = form.error_class(problems)
        return self.show(request, form, status)

    def show(self, request: Request, form: UploadForm, status: int = 200) -> HttpResponse:
        """The page."""
        context = {
            "form": form,
            "resource": self.resource,
            "is_file": self.resource.kind == Kind.FILE,
            "newest": self.resource.recipes.first(),
            "unfinished": queries.list_transfers_for(request.actor, self.resource),
            "largest": settings.UPLOAD_MAX_BYTES,
        }
        return render(request, "resources/upload.html", context, status=status)


def next_address(version: Version) -> str:
    """Where the publisher goes on with a file that came."""
    if version.resource.kind == Kind.FILE:
        return version.get_absolute_url()
    return reverse("resources:reading", args=[version.id])


@csrf_exempt
def transfers(request: Request, resource_id: UUID) -> HttpResponse:
    """Announce a file that comes in pieces (tus). Access before the token, the token before the step."""
    queries.get_resource_for(request.actor, resource_id, P.RESOURCES_RESOURCE_EDIT)
    if request.method == "OPTIONS":
        return tus.options()
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST, OPTIONS"})
    return _create(request, resource_id)


@csrf_protect
def _create(request: Request, resource_id: UUID) -> HttpResponse:
    return tus.create(request, resource_id, "resources:transfer")


@csrf_exempt
def transfer(request: Request, transfer_id: UUID) -> HttpResponse:
    """One file that comes in pieces (tus): how much came, the next piece, giving it up; GET tells how it stands."""
    found = queries.get_transfer_for(request.actor, transfer_id)
    method = tus.method_of(request)
    if method == "GET":
        told = tus.describe(found)
        told["next"] = next_address(found.version) if found.version else None
        return JsonResponse(told)
    if method == "OPTIONS":
        return tus.options()
    if method == "HEAD":
        return tus.head(request, transfer_id)
    if method not in {"PATCH", "DELETE"}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, PATCH, DELETE, OPTIONS"})
    return _change(request, transfer_id, method)


@csrf_protect
def _change(request: Request, transfer_id: UUID, method: str) -> HttpResponse:
    answer = tus.patch if method == "PATCH" else tus.delete
    return answer(request, transfer_id)


@require_POST
def give_up(request: Request, transfer_id: UUID) -> HttpResponse:
    """Give up a file that has not come whole, by a button."""
    ended = services.end_transfer(actor=request.actor, transfer_id=transfer_id)
    messages.success(request, f"已放弃“{ended.filename}”")
    return redirect("resources:upload", ended.resource_id)
