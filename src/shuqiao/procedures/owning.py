"""Cases of the public: every procedure that takes something from outside government calls `own_case` when it does.

The owner finds the case in 我的事项, and anybody with number and code sees its course without an account.
"""

from __future__ import annotations

import secrets
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from shuqiao.kernel import NotFound
from shuqiao.procedures.models import Event, OwnCase
from shuqiao.procedures.types import CaseKind, CaseRef

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is mistaken for something else when read aloud
CODE_LENGTH = 10  # about 49 bits, and tries are limited


def _hash(number: str, code: str) -> str:
    word = "".join(code.split()).replace("-", "").upper()
    return salted_hmac(f"shuqiao.case-code.{number}", word, algorithm="sha256").hexdigest()


@transaction.atomic
def own_case(*, case: CaseRef, party_id: UUID | None, on: date) -> str:
    """The case belongs to this party, or to whoever holds the code. Returns the code, which is kept only as a hash:
    show it once. Called again for the same case and party, a new code takes the place of the old one."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    OwnCase.objects.update_or_create(
        case_kind=case.kind,
        case_id=case.id,
        defaults={"code_hash": _hash(case.number, code)},
        create_defaults={
            "case_number": case.number,
            "case_title": case.title[:300],
            "case_url": case.url,
            "party_id": party_id,
            "code_hash": _hash(case.number, code),
            "opened_on": on,
        },
    )
    return f"{code[:5]}-{code[5:]}"


def list_own_cases(party_id: UUID | None) -> list[OwnCase]:
    """The cases of a party, newest first."""
    return list(OwnCase.objects.filter(party_id=party_id)) if party_id else []


def find_by_code(number: str, code: str) -> OwnCase:
    """The case with this number, to who knows its code. Raises NotFound with the same words whether the number, the
    code or both are wrong; takes equally long."""
    row = OwnCase.objects.filter(case_number="".join(number.split())).first()
    wanted = row.code_hash if row else _hash("", secrets.token_hex(8))
    if not constant_time_compare(wanted, _hash("".join(number.split()), code)) or row is None:
        raise NotFound("这个受理号和查询码对应的事项")
    return row


def case_of_own(row: OwnCase) -> CaseRef:
    """The case of a row."""
    return CaseRef(CaseKind(row.case_kind), row.case_id, row.case_number, row.case_title, row.case_url)


def last_events_of(rows: list[OwnCase]) -> dict[UUID, Event]:
    """What happened last to each of these cases, by case id. One query."""
    events = Event.objects.filter(case_id__in=[row.case_id for row in rows]).order_by("id")
    return {event.case_id: event for event in events}
