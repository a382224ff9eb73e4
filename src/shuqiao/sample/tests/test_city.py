"""The whole city, loaded once into a database of its own, and looked at from many sides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction

from shuqiao import journal, law, store
from shuqiao.accounts.models import User
from shuqiao.catalog import rules as catalog_rules
from shuqiao.catalog.life.freshness import LAST, stale
from shuqiao.catalog.models import Entry, Revision
from shuqiao.catalog.types import Status as EntryStatus
from shuqiao.delivery.models import Correction, Grant, StopFiling, UseReport
from shuqiao.kernel.time import today
from shuqiao.opening.models import Feedback, OfficialReply, OpenApplication, OpeningReview, Rating, Work
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.models import ContactFiling, Department, Division, Substitution
from shuqiao.procedures.models import CalendarYear, Event, InboxItem, Term, UnsealedEvent
from shuqiao.procedures.types import CaseKind
from shuqiao.resources.models import Resource, Version
from shuqiao.resources.queries import store_root
from shuqiao.resources.types import Status as VersionStatus
from shuqiao.sample.city import ACCOUNTS, load_city
from shuqiao.sample.places import PASSWORD
from shuqiao.sample.public import CITIZEN, COMPANY
from shuqiao.sharing.models import (
    Demand,
    Dispute,
    JointRequest,
    OutsideRequest,
    ReaderTold,
    ReturnFlow,
    SharingEmergency,
    SharingRequest,
    Verification,
)
from shuqiao.sharing.types import ExtensionState
from shuqiao.sharing.types import Status as RequestStatus


@pytest.fixture(scope="module")
def loaded(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """The city in a transaction that is taken back at the end: its event rows cannot be deleted."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        home = tmp_path_factory.mktemp("city")
        patch.setattr(settings, "HOME", home)
        patch.setenv("SHUQIAO_HOME", str(home))
        with transaction.atomic():
            yield list(load_city(seed=809, say=lambda text: None))
            transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _city(loaded: list[str], db: None) -> None:
    """Every test looks at the city."""


def test_four_divisions_with_their_own_regimes() -> None:
    assert set(Division.objects.values_list("code", flat=True)) == {"210800", "210882", "210100", "371502"}
    bound = {
        code: {p.id for p in organizations.regime_of(code, today()).packs} for code in ("210882", "371502")
    }
    assert "yingkou-2022" in bound["210882"]
    assert "dongchangfu-2020" in bound["371502"]
    assert Department.objects.filter(division="210800").count() >= 14
    assert Department.objects.count() - ContactFiling.objects.values("department").distinct().count() == 2


def test_sample_people_are_marked_and_can_sign_in(loaded: list[str]) -> None:
    assert all(name.endswith("（示例）") for name in User.objects.values_list("name", flat=True))
    for username, _, _ in ACCOUNTS:
        assert any(username in line for line in loaded)
    assert any(PASSWORD in line for line in loaded)
    assert authenticate(username=ACCOUNTS[0][0], password=PASSWORD) is not None


def test_sixty_entries_and_some_in_every_state() -> None:
    assert Entry.objects.filter(published__isnull=False).count() >= 60
    states = set(Revision.objects.values_list("status", flat=True))
    assert states >= {EntryStatus.DRAFT, EntryStatus.SUBMITTED, EntryStatus.RETURNED, EntryStatus.PUBLISHED}


@pytest.mark.article("national-2025", "13")
@pytest.mark.article("yingkou-2022", "14")
def test_every_published_entry_passes_todays_rules() -> None:
    for entry in Entry.objects.filter(published__isnull=False).select_related("published"):
        facts = catalog_rules.RevisionFacts(entry.published.content(), consented=True)
        decision = catalog_rules.may_publish(facts, organizations.regime_of(entry.division_id, today()))
        assert decision.allowed, (entry.published.title, decision.reason)


def test_two_dozen_tables_with_quarantine_and_second_versions() -> None:
    published = Resource.objects.filter(current_version__isnull=False)
    assert published.count() >= 24
    assert Version.objects.filter(status=VersionStatus.SUPERSEDED).count() >= 2
    assert set(Version.objects.values_list("status", flat=True)) >= {
        VersionStatus.UPLOADED,
        VersionStatus.BUILT,
        VersionStatus.SUBMITTED,
        VersionStatus.RETURNED,
    }
    spoiled = Version.objects.filter(quarantined__gt=0)
    assert spoiled.count() >= 24
    reasons = {reason for version in spoiled for reason in version.reasons}
    assert reasons >= {"fields", "characters", "type", "credit_code", "id_number"}


def test_data_is_as_new_as_promised_but_for_a_few() -> None:
    """A city whose every table is late would teach nobody what late looks like. On a holiday daily data is late too."""
    published = Entry.objects.filter(published__isnull=False, data_updated_on__isnull=False)
    late = published.annotate(last_on=LAST).filter(stale(today()))
    assert 1 <= late.count() <= published.count() // 2


def test_every_spoiled_row_is_in_quarantine_and_no_other() -> None:
    from shuqiao.sample.specs import city_spec

    files = {(one.dept, one.title): one.file for one in city_spec().entries if one.file}
    by_name = {one.name: one.key for one in city_spec().departments}
    for version in Version.objects.exclude(store_version="").select_related("resource__department"):
        resource = version.resource
        file = files[by_name[resource.department.name], resource.name]
        assert version.quarantined == file.spoiled, resource.name


def test_old_versions_stay_readable() -> None:
    shelf = store.Store(store_root())
    for version in Version.objects.filter(status=VersionStatus.SUPERSEDED):
        with shelf.open(version.store_version) as handle:
            assert handle.meta.rows == version.rows


def test_requests_in_every_state() -> None:
    # None of them outlived its entry.
    alive = set(RequestStatus.values) - {RequestStatus.LAPSED}
    assert set(SharingRequest.objects.values_list("status", flat=True)) == alive
    extensions = set(SharingRequest.objects.values_list("extension_state", flat=True))
    assert extensions == {"", *ExtensionState.values}
    assert set(SharingRequest.objects.values_list("division", flat=True)) == {
        "210800",
        "210882",
        "210100",
        "371502",
    }


def test_clocks_in_every_colour() -> None:
    open_terms = Term.objects.filter(case_kind=CaseKind.SHARING_REQUEST, closed_on=None)
    states = [term.clock().state(today()) for term in open_terms]
    assert {state.colour for state in states} == {
        law.ClockColour.JADE,
        law.ClockColour.OCHRE,
        law.ClockColour.LATE,
        law.ClockColour.PAUSED,
    }
    assert {1, 4} <= {state.late_by for state in states}
    if law.default_calendar().is_workday(today()):
        assert any(term.due_on == today() for term in open_terms)


def test_due_days_follow_the_regime_of_the_provider() -> None:
    by_division = {
        term.division_id: term.resolved["days"]
        for term in Term.objects.filter(term_id="sharing.reply.conditional")
    }
    assert by_division == {"210800": 5, "210882": 5, "210100": 5, "371502": 10}


def test_grants_in_use_suspended_ended_and_soon_over() -> None:
    assert set(Grant.objects.values_list("state", flat=True)) >= {"active", "suspended", "ended"}
    soon = [
        g
        for g in Grant.objects.filter(state="active")
        if g.valid_until and (g.valid_until - today()).days < 10
    ]
    assert soon
    masks = {column["mask"] for grant in Grant.objects.all() for column in grant.columns}
    assert masks >= {"none", "keep_ends", "hash", "year"}


def test_inboxes_are_not_empty() -> None:
    assert InboxItem.objects.filter(done_at=None).count() >= 20


def test_the_evidence_holds_only_what_happened_and_verifies() -> None:
    assert Event.objects.exists()
    assert not UnsealedEvent.objects.exists()
    root = Path(settings.HOME) / "journal"
    report = journal.verify(root)
    assert report.ok, report
    records = [entry.record for entry in journal.iter_records(root, "sample")]
    answered = [record for record in records if record.kind == "read"]
    refused = [record for record in records if record.kind == "refusal"]
    assert len(answered) >= 100
    assert refused
    grants = {str(grant.id): {column["name"] for column in grant.columns} for grant in Grant.objects.all()}
    assert all(set(record.columns) <= grants[record.grant] for record in answered)


def test_loading_again_changes_nothing(loaded: list[str]) -> None:
    def counted() -> list[int]:
        models = (Department, User, Entry, Version, SharingRequest, Grant, Event)
        return [model.objects.count() for model in models]

    before = counted()
    assert list(load_city(seed=809, say=lambda text: None)) == loaded
    assert counted() == before


def test_titles_do_not_depend_on_the_day() -> None:
    from shuqiao.sample.specs import city_spec

    assert {one.title for one in city_spec().entries} == set(Revision.objects.values_list("title", flat=True))


def test_a_joint_application_half_answered_and_a_basket() -> None:
    joint = JointRequest.objects.get(status="submitted")
    parts = SharingRequest.objects.filter(joint=joint)
    assert set(parts.values_list("status", flat=True)) == {"submitted", "approved"}
    assert parts.filter(delivery_state="due").count() == 1
    assert JointRequest.objects.filter(status="draft").count() == 1
    assert SharingRequest.objects.filter(renews__isnull=False, status="draft").exists()


def test_who_read_the_wrong_value_was_told() -> None:
    assert set(Verification.objects.values_list("status", flat=True)) == {"asked", "corrected"}
    corrected = Verification.objects.get(status="corrected")
    assert corrected.served_on
    assert corrected.corrected_version == corrected.resource.current_version
    told = ReaderTold.objects.filter(verification=corrected)
    assert any(one.named and one.grant.grantee_id == corrected.asker_id for one in told)


def test_disputes_demands_and_use_are_alive() -> None:
    dispute = Dispute.objects.get()
    assert dispute.status == "negotiating"
    assert dispute.statements.exclude(proposal=None).exists()
    assert set(Demand.objects.values_list("status", flat=True)) == {
        "posted",
        "assigned",
        "accepted",
        "refused",
    }
    assert Correction.objects.filter(state="ordered").count() == 1
    assert UseReport.objects.exists()
    assert StopFiling.objects.filter(state="filed").exists()
    assert Substitution.objects.count() == 2
    if today() >= date(2025, 11, 4):
        assert CalendarYear.objects.get().year == 2026


def test_the_public_has_accounts_applications_and_a_voice(loaded: list[str]) -> None:
    for address in (CITIZEN, COMPANY):
        assert authenticate(username=address, password=PASSWORD) is not None
        assert any(address in line for line in loaded)
    assert set(OpenApplication.objects.values_list("status", flat=True)) == {
        "submitted",
        "agreed",
        "opened",
        "refused",
    }
    assert OfficialReply.objects.count() == 2
    assert Grant.objects.filter(party__isnull=False, state="active").count() == 2  # one open, one shared
    assert OpeningReview.objects.filter(status="submitted").count() == 1
    assert set(Feedback.objects.values_list("kind", "status")) == {
        ("question", "published"),
        ("comment", "published"),
        ("correction", "received"),
        ("demand", "received"),
    }
    assert Rating.objects.count() == 3
    assert set(Work.objects.values_list("status", flat=True)) == {"published", "submitted"}


def test_outside_bodies_emergencies_and_return_flows_are_alive() -> None:
    assert set(OutsideRequest.objects.values_list("status", flat=True)) == {
        "submitted",
        "consulting",
        "agreed",
        "opened",
        "refused",
    }
    assert set(SharingEmergency.objects.values_list("status", flat=True)) == {"running", "ended", "reviewed"}
    looked_back = SharingEmergency.objects.get(status="reviewed")
    assert len(looked_back.review_json) == 4
    running = SharingEmergency.objects.get(status="running")
    assert {share.grant.state for share in running.shares.all()} == {"active"}
    assert set(ReturnFlow.objects.values_list("status", flat=True)) == {"opened", "asked", "withdrawn"}
    flowing = ReturnFlow.objects.get(status="opened")
    assert flowing.grant is not None
    assert flowing.grant.where == [{"column": "所属区县", "op": "in", "values": ["大石桥市", "大石桥"]}]
