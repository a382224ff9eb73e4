"""The public check of receipts: anybody who holds an id sees what it attests, and nothing more (Yingkou 24)."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from shuqiao.accounts.access import Request, public
from shuqiao.delivery import forms, queries, telling
from shuqiao.journal import JournalDamaged, NotSealed
from shuqiao.kernel import NotFound


@public
@require_GET
def index(request: Request) -> HttpResponse:
    """The form for an id; an id given leads to its receipt."""
    asked = request.GET.get("id", "").strip()
    if not asked:
        return render(request, "delivery/receipts.html", {"form": forms.ReceiptForm()})
    form = forms.ReceiptForm(request.GET)
    if not form.is_valid() or "/" in asked:
        return render(request, "delivery/receipts.html", {"form": form, "unknown": asked}, status=404)
    return redirect("delivery:receipt", asked)


@public
@require_GET
def receipt(request: Request, receipt_id: str) -> HttpResponse:
    """One receipt, its record's link to the chain checked now; an unknown id, or a damaged log, says so."""
    form = forms.ReceiptForm(initial={"id": receipt_id})
    try:
        found = queries.find_receipt(receipt_id)
    except JournalDamaged:
        context = {"form": form, "damaged": receipt_id}
        return render(request, "delivery/receipts.html", context, status=409)
    if found is None:
        return render(request, "delivery/receipts.html", {"form": form, "unknown": receipt_id}, status=404)
    url = telling.receipt_url(request.build_absolute_uri("/"), found.id)
    return render(
        request, "delivery/receipt.html", {"receipt": telling.receipt_of(found, url=url), "found": found}
    )


@public
@require_GET
def proof(request: Request, receipt_id: str) -> HttpResponse:
    """The proof of one receipt, a file that is checked offline. Not sealed yet: back to the receipt, which says
    when it will be."""
    try:
        found = queries.proof_of(receipt_id)
    except NotSealed:
        return redirect("delivery:receipt", receipt_id)
    except JournalDamaged:
        form = forms.ReceiptForm(initial={"id": receipt_id})
        return render(request, "delivery/receipts.html", {"form": form, "damaged": receipt_id}, status=409)
    if found is None:
        raise NotFound("回执")
    name = f'attachment; filename="{found.receipt}.proof.json"'
    return HttpResponse(
        found.to_json(), content_type="application/json", headers={"Content-Disposition": name}
    )


@public
@require_GET
def keys(request: Request) -> HttpResponse:
    """The public keys under which the evidence is sealed."""
    listed = [
        {"id": key.id, "algorithm": key.algorithm, "pem": key.pem} for key in queries.seal_keys().values()
    ]
    return JsonResponse({"keys": listed})


@public
@require_GET
def key(request: Request, key_id: str) -> HttpResponse:
    """One public key as a file."""
    found = queries.seal_keys().get(key_id)
    if found is None:
        raise NotFound("公钥")
    name = f'attachment; filename="shuqiao-seal-{found.id}.pem"'
    return HttpResponse(
        found.pem, content_type="application/x-pem-file", headers={"Content-Disposition": name}
    )
