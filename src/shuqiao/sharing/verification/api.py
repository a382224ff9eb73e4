"""REST of verification: the same steps and reads as the pages. Refused by a rule: 409 with rule and basis."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from shuqiao.accounts.access import Request
from shuqiao.accounts.types import P
from shuqiao.kernel.time import today
from shuqiao.procedures import queries as procedures
from shuqiao.sharing.models import Verification
from shuqiao.sharing.verification import queries, services, telling
from shuqiao.sharing.verification.types import MOST_FIELDS, MOST_RECORDS, Asked, Citizen, Claim, Finding

router = Router(tags=["verification"])
PAGE_MAX = 200
OFFSET_MAX = 1_000_000_000


class Wanted(Schema):
    """Which verifications: by_us, of_us or all; in a status; for citizens; with words in title or number."""

    which: str = "all"
    status: str = ""
    citizen: bool = False
    q: str = ""
    limit: int = 50
    offset: int = 0


class LookIn(Schema):
    """Keys of rows to look at: the values of each, in the order of the key's columns."""

    grant_id: UUID
    keys: list[list[str]] = Field(min_length=1, max_length=MOST_RECORDS)


class RowOut(Schema):
    """A row as the grant shows it."""

    key: list[str]
    values: dict[str, str]


class ClaimIn(Schema):
    """A field that is wrong. `shown` only where the platform may not show the row any more."""

    key: list[str]
    column: str
    believed: str = Field("", max_length=1000)
    shown: str = Field("", max_length=1000)


class CitizenIn(Schema):
    """For whom the department asks; `document`: valid proof shown, `service_item`: what was then done."""

    says: str = Field(max_length=1000)
    name: str = Field("", max_length=64)
    document: str = Field("", max_length=200)
    service_item: str = Field("", max_length=200)


class AskVerificationIn(Schema):
    """A new verification. `by`: the key's columns."""

    grant_id: UUID
    by: list[str]
    claims: list[ClaimIn] = Field(max_length=MOST_FIELDS)
    reason: str = ""
    proof: str = ""
    citizen: CitizenIn | None = None

    def asked(self) -> Asked:
        """What the service takes."""
        claims = tuple(Claim(tuple(one.key), one.column, one.believed, one.shown) for one in self.claims)
        citizen = Citizen(**self.citizen.dict()) if self.citizen else None
        return Asked(tuple(self.by), claims, self.reason, self.proof, citizen)


class FindingIn(Schema):
    """What was found about a field: right, wrong or remove; `correct` is the value it is to have."""

    field_id: UUID
    outcome: str
    correct: str = Field("", max_length=1000)


class AcceptVerificationIn(Schema):
    """Fields are wrong. `correct_by` is not asked when stating anew."""

    findings: list[FindingIn] = Field(max_length=MOST_FIELDS)
    reason: str = ""
    correct_by: date | None = None

    def found(self) -> dict[UUID, Finding]:
        """What the service takes."""
        return {one.field_id: Finding(one.outcome, one.correct) for one in self.findings}


class AnswerIn(Schema):
    """A reason, and for a rejection the basis."""

    reason: str = ""
    basis: str = ""


class ServedIn(Schema):
    """Which document was shown, and what was done."""

    document: str = ""
    service_item: str = ""


class VerificationOut(Schema):
    """A verification without its fields."""

    id: UUID
    number: str
    title: str
    status: str
    asker_id: UUID
    provider_id: UUID
    grant_id: UUID
    resource_id: UUID
    reason: str
    proof: str
    for_citizen: bool
    citizen_says: str
    served_on: date | None
    service_item: str
    asked_on: date
    answered_on: date | None
    answer_reason: str
    answer_basis: str
    correct_by: date | None
    corrected_version_id: UUID | None
    corrected_on: date | None
    decision_json: dict[str, Any] | None


class FieldOut(Schema):
    """A field as the caller may see it."""

    id: UUID
    key: str
    column: str
    shown: str
    believed: str
    outcome: str
    correct: str
    wrong_since: int | None


class VerificationActOut(Schema):
    """What the caller may do next, by which rule, on which articles, and what the rule asks for."""

    act: str
    label: str
    allowed: bool
    rule: str
    reason: str
    basis: list[str]


class OneVerificationOut(VerificationOut):
    """A verification with its fields, its clock and what the caller may do next."""

    fields: list[FieldOut]
    acts: list[VerificationActOut]
    next: str
    due_on: date | None


class Page(Schema):
    """Some of them, and how many there are in all."""

    count: int
    items: list[VerificationOut]


class ToldOut(Schema):
    """Records that a grant had read and that were corrected since."""

    verification_number: str
    version: int
    named: bool
    reads: int
    last_at: datetime
    told_at: datetime
    lines: list[dict[str, Any]]


@router.get("", response=Page, url_name="sharing-verifications")
def list_all(request: Request, wanted: Query[Wanted]) -> dict[str, Any]:
    """Verifications the caller may see; `which`: by_us, of_us or all. At most 200 at once."""
    found = queries.list_verifications_for(
        request.actor, which=wanted.which, status=wanted.status, citizen=wanted.citizen, words=wanted.q[:100]
    )
    first = max(0, min(wanted.offset, OFFSET_MAX))
    return {"count": found.count(), "items": list(found[first : first + max(1, min(wanted.limit, PAGE_MAX))])}


@router.post("", response={201: VerificationOut}, url_name="sharing-verification-ask")
def ask(request: Request, body: AskVerificationIn) -> Status[Verification]:
    """Ask for verification."""
    made = services.ask_verification(
        actor=request.actor, grant_id=body.grant_id, asked=body.asked(), on=today()
    )
    return Status(201, made)


@router.post("/look", response=list[RowOut], url_name="sharing-verification-look")
def look(request: Request, body: LookIn) -> list[dict[str, Any]]:
    """Rows of keys as the grant shows them; that they were looked at is recorded."""
    keys = [tuple(key) for key in body.keys]
    found = services.look_up_rows(actor=request.actor, grant_id=body.grant_id, keys=keys, on=today())
    return [{"key": list(row.key), "values": row.values} for row in found]


@router.get("/statistics", response=dict[str, int], url_name="sharing-verification-statistics")
def statistics(request: Request, since: date | None = None, until: date | None = None) -> dict[str, int]:
    """Counts over the verifications the caller may see."""
    request.actor.demand(P.SHARING_VERIFICATION_READ)
    return queries.statistics_for(request.actor, since=since, until=until)


@router.get("/told/{grant_id}", response=list[ToldOut], url_name="sharing-verification-told")
def told(request: Request, grant_id: UUID) -> list[dict[str, Any]]:
    """What the holder of a grant was told of corrections, newest first."""
    _, found = queries.told_to_grant(request.actor, grant_id)
    return [
        {
            "verification_number": one.verification.number,
            "version": one.verification.corrected_version.number,
            "named": one.named,
            "reads": one.reads,
            "last_at": one.last_at,
            "told_at": one.told_at,
            "lines": one.lines,
        }
        for one in found
        if one.verification.corrected_version
    ]


@router.get("/{verification_id}", response=OneVerificationOut, url_name="sharing-verification")
def get(request: Request, verification_id: UUID) -> dict[str, Any]:
    """One verification."""
    case = queries.get_verification_for(request.actor, verification_id, P.SHARING_VERIFICATION_READ)
    on = today()
    term = procedures.open_term_of(case.case_ref())
    acts = telling.acts_of(request.actor, case, queries.regime_for(case, on))
    return {name: getattr(case, name) for name in VerificationOut.model_fields} | {
        "fields": telling.lines_of(request.actor, case, queries.fields_of(case)),
        "acts": [one | {"basis": [str(article) for article in one["basis"]]} for one in acts],
        "next": telling.next_in_words(case, on),
        "due_on": term.due_on if term else None,
    }


@router.post("/{verification_id}/confirm", response=VerificationOut, url_name="sharing-verification-confirm")
def confirm(request: Request, verification_id: UUID, body: AnswerIn) -> Verification:
    """The data are right."""
    return services.confirm_verification(
        actor=request.actor, verification_id=verification_id, reason=body.reason, on=today()
    )


@router.post("/{verification_id}/accept", response=VerificationOut, url_name="sharing-verification-accept")
def accept(request: Request, verification_id: UUID, body: AcceptVerificationIn) -> Verification:
    """Fields are wrong and will be corrected."""
    return services.accept_verification(
        actor=request.actor,
        verification_id=verification_id,
        found=body.found(),
        reason=body.reason,
        correct_by=body.correct_by,
        on=today(),
    )


@router.post("/{verification_id}/restate", response=VerificationOut, url_name="sharing-verification-restate")
def restate(request: Request, verification_id: UUID, body: AcceptVerificationIn) -> Verification:
    """What is corrected, stated anew."""
    return services.restate_correction(
        actor=request.actor,
        verification_id=verification_id,
        found=body.found(),
        reason=body.reason,
        on=today(),
    )


@router.post("/{verification_id}/reject", response=VerificationOut, url_name="sharing-verification-reject")
def reject(request: Request, verification_id: UUID, body: AnswerIn) -> Verification:
    """It is not corrected, with reason and basis."""
    return services.reject_verification(
        actor=request.actor,
        verification_id=verification_id,
        reason=body.reason,
        basis=body.basis,
        on=today(),
    )


@router.post(
    "/{verification_id}/withdraw", response=VerificationOut, url_name="sharing-verification-withdraw"
)
def withdraw(request: Request, verification_id: UUID, body: AnswerIn) -> Verification:
    """No longer asked."""
    return services.withdraw_verification(
        actor=request.actor, verification_id=verification_id, reason=body.reason, on=today()
    )


@router.post("/{verification_id}/serve", response=VerificationOut, url_name="sharing-verification-serve")
def serve(request: Request, verification_id: UUID, body: ServedIn) -> Verification:
    """The citizen was served on valid proof."""
    return services.record_served(
        actor=request.actor,
        verification_id=verification_id,
        document=body.document,
        service_item=body.service_item,
        on=today(),
    )


@router.post("/{verification_id}/erase", response=VerificationOut, url_name="sharing-verification-erase")
def erase(request: Request, verification_id: UUID) -> Verification:
    """The citizen's name is erased."""
    return services.erase_citizen(actor=request.actor, verification_id=verification_id, on=today())
