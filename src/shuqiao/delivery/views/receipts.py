"""The public check of receipts: anybody who holds an id sees what it attests, and nothing more (Yingkou 24)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from shuqiao.accounts.access import Request, public
from shuqiao.delivery import forms, queries, telling
from shuqiao.journal import JournalDamaged


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
