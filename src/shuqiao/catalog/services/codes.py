"""Resource codes: classification code, slash, sequence number (guide 1272). Never given twice in a division."""

from __future__ import annotations

from shuqiao.catalog.models import CodeCounter, Entry
from shuqiao.organizations.models import Division


def hold_codes(division: str) -> None:
    """Until the transaction ends nobody else gives or imports a code in the division."""
    Division.objects.select_for_update(no_key=True).get(code=division)


def next_code(division: str, classification: str) -> str:
    """The next free code of a classification, e.g. 307001/000012. Call inside the transaction that uses it."""
    hold_codes(division)
    CodeCounter.objects.get_or_create(division_id=division, classification=classification)
    counter = CodeCounter.objects.select_for_update().get(division_id=division, classification=classification)
    while True:
        counter.last += 1
        code = f"{classification}/{counter.last:06d}"
        # Imported entries keep the codes their sheets gave them, so a number may be taken already.
        if not Entry.objects.filter(division=division, code=code).exists():
            break
    counter.save(update_fields=["last"])
    return code
