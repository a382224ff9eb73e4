"""Clocks, inbox, notices and event rows."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from django.db import DatabaseError, transaction

from shuqiao import journal
from shuqiao.accounts.types import P
from shuqiao.kernel import IllegalMove, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.time import now
from shuqiao.organizations import queries as organizations
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures import calendars, events, jobs, queries, services
from shuqiao.procedures.models import Event, EventSeal, InboxItem, JournalAnchor, Term
from shuqiao.procedures.types import CaseKind, CaseRef, E

WEDNESDAY = date(2026, 2, 11)


def make_case(title: str = "企业登记信息") -> CaseRef:
    return CaseRef(CaseKind.SHARING_REQUEST, new_id(), "营数享〔2026〕0001号", title, "/sharing/x/")


def open_term(city: City, case: CaseRef, on: date = WEDNESDAY, division: str = "210800") -> Term:
    resolved = organizations.regime_of(division, on).term("sharing.reply.conditional")
    assert resolved is not None
    return services.open_term(case=case, resolved=resolved, received_on=on, department=city.provider)


def test_case_numbers_run_per_division_kind_and_year(city: City) -> None:
    given = [
        services.next_case_number(kind=kind, division=code, on=date(year, 3, 1))
        for kind, code, year in (
            (CaseKind.SHARING_REQUEST, "210800", 2026),
            (CaseKind.SHARING_REQUEST, "210800", 2026),
            (CaseKind.SHARING_REQUEST, "210800", 2027),
            (CaseKind.GRANT, "210800", 2026),
            (CaseKind.SHARING_REQUEST, "210100", 2026),
        )
    ]
    assert given == [
        "营数享〔2026〕0001号",
        "营数享〔2026〕0002号",
        "营数享〔2027〕0001号",
        "营数授〔2026〕0001号",
        "沈数享〔2026〕0001号",
    ]


@pytest.mark.article("yingkou-2022", "20")
def test_term_runs_under_the_strictest_source_over_spring_festival(city: City) -> None:
    term = open_term(city, make_case())
    assert term.due_on == date(2026, 2, 25)
    considered = term.resolved["considered"]
    assert [(c["article"], c["days"], c["applied"]) for c in considered] == [
        ("yingkou-2022:20", 5, True),
        ("national-2025:21", 10, False),
    ]


def test_county_without_packs_of_its_own_is_bound_by_its_city(city: City) -> None:
    regime = organizations.regime_of(city.county.code, WEDNESDAY)
    resolved = regime.term("sharing.reply.conditional")
    assert resolved is not None
    assert resolved.source.pack == "yingkou-2022"


def test_paused_days_are_not_counted_and_term_closes_once(city: City) -> None:
    term = open_term(city, make_case())
    services.pause_term(term_id=term.id, on=date(2026, 2, 12))
    paused = Term.objects.get(id=term.id)
    assert paused.paused
    resumed = services.resume_term(term_id=term.id, on=date(2026, 2, 25))
    assert (resumed.paused, resumed.due_on) == (False, date(2026, 3, 2))
    services.close_term(term_id=term.id, on=date(2026, 2, 26))
    with pytest.raises(IllegalMove):
        services.close_term(term_id=term.id, on=date(2026, 2, 27))


@pytest.mark.article("national-2025", "21")
def test_extension_is_given_once_and_within_the_decree(city: City) -> None:
    term = open_term(city, make_case())
    with pytest.raises(RuleRefused) as refused:
        services.extend_term(term_id=term.id, days=11, on=WEDNESDAY)
    assert refused.value.decision.basis
    services.extend_term(term_id=term.id, days=10, on=WEDNESDAY)
    with pytest.raises(RuleRefused):
        services.extend_term(term_id=term.id, days=1, on=WEDNESDAY)


def test_inbox_shows_only_what_the_post_may_do_most_urgent_first(city: City) -> None:
    late, calm = make_case("急"), make_case("缓")
    for case, on in ((calm, date(2026, 3, 2)), (late, WEDNESDAY)):
        services.assign(
            case=case,
            department=city.provider,
            permission=P.SHARING_REQUEST_ANSWER,
            action="答复",
            term=open_term(city, case, on),
        )
    approver = city.actor("provider-approver")
    assert [item.case_title for item in queries.list_inbox_for(approver)] == ["急", "缓"]
    assert queries.inbox_counts_for(approver, on=date(2026, 2, 26)) == {"open": 2, "late": 1}
    for nobody in ("provider-cataloguer", "consumer-approver", "stranger"):
        assert not queries.list_inbox_for(city.actor(nobody)).exists()
    assert services.settle(case=late) == 1
    assert [item.case_title for item in queries.list_inbox_for(approver)] == ["缓"]
    assert [item.case_title for item in queries.list_done_for(approver)] == ["急"]


def test_an_inbox_line_has_the_day_of_its_term_whatever_happens_to_either(city: City) -> None:
    approver, terms = city.actor("provider-approver"), {}
    for title in ("无期限", "先停", "后延", "照常"):
        case = make_case(title)
        term = terms[title] = None if title == "无期限" else open_term(city, case)
        services.assign(
            case=case, department=city.provider, permission=P.SHARING_REQUEST_ANSWER, action="答复", term=term
        )  # fmt: skip
    services.pause_term(term_id=terms["先停"].id, on=date(2026, 2, 12))
    services.extend_term(term_id=terms["后延"].id, days=3, on=WEDNESDAY)
    InboxItem.objects.filter(term=terms["照常"]).update(due_on=None, paused=True)
    for line in InboxItem.objects.select_related("term"):
        term = line.term
        assert (line.due_on, line.paused) == ((term.due_on, term.paused) if term else (None, None))
    titles = [item.case_title for item in queries.list_inbox_for(approver)]
    assert titles == ["照常", "后延", "先停", "无期限"]
    assert queries.inbox_kinds_for(approver, on=date(2026, 2, 27)) == [(CaseKind.SHARING_REQUEST, 4, 1)]


def test_overdue_is_noted_once_with_notice_and_event(city: City) -> None:
    term = open_term(city, make_case())
    assert services.note_overdue(on=date(2026, 2, 25)) == 0
    assert services.note_overdue(on=date(2026, 2, 26)) == 1
    assert services.note_overdue(on=date(2026, 2, 27)) == 0
    assert Event.objects.filter(type=E.TERM_OVERDUE, case_id=term.case_id).count() == 1
    approver = city.actor("provider-approver")
    assert queries.unread_notices_for(approver) == 1
    assert [
        t.id for t in queries.list_overdue_for(city.actor("bureau-supervisor"), on=date(2026, 2, 26))
    ] == [term.id]
    assert not queries.list_overdue_for(city.actor("shenyang-bureau"), on=date(2026, 2, 26)).exists()


def test_only_the_supervising_bureau_reminds(city: City) -> None:
    term = open_term(city, make_case())
    services.remind(actor=city.actor("bureau-supervisor"), term_id=term.id, on=date(2026, 2, 24))
    assert Event.objects.get(type=E.TERM_REMINDED).data["days_left"] == 1
    for username, refusal in (
        ("provider-approver", NotAllowed),
        ("admin", NotAllowed),
        ("auditor", NotAllowed),
        ("stranger", NotFound),
        ("shenyang-bureau", NotFound),
    ):
        with pytest.raises(refusal):
            services.remind(actor=city.actor(username), term_id=term.id, on=date(2026, 2, 24))


def test_provisional_terms_are_computed_anew(city: City) -> None:
    term = open_term(city, make_case(), date(2026, 12, 28))
    assert term.provisional
    assert calendars.recompute(on=date(2026, 12, 29)) == 0


def test_event_rows_never_change(city: City) -> None:
    event = events.record(E.REQUEST_DRAFTED, actor=city.actor("consumer-cataloguer"), case=make_case())
    assert (event.actor_name, event.department_id) == ("李经办", city.consumer.id)
    for attempt in (
        lambda: Event.objects.filter(id=event.id).update(actor_name="别人"),
        lambda: Event.objects.filter(id=event.id).delete(),
    ):
        with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
            attempt()
    assert Event.objects.get(id=event.id).actor_name == "李经办"


@pytest.mark.article("yingkou-2022", "22")
@pytest.mark.article("national-2025", "29")
def test_events_are_sealed_into_the_evidence_log_once(city: City, home: Path) -> None:
    case = make_case()
    event = events.record(E.REQUEST_DRAFTED, actor=city.actor("consumer-cataloguer"), case=case)
    assert jobs.seal_events(now()) == 1
    assert jobs.seal_events(now()) == 0
    receipt = queries.receipts_of([event])[event.id]
    record = journal.find(home / "journal", receipt)
    assert record is not None
    assert (record.kind, record.action, record.case) == ("event", E.REQUEST_DRAFTED, case.number)
    assert "李经办" not in str(record), "names stay in the database, where they can be erased"
    assert journal.verify(home / "journal").ok


def test_sealing_leaves_events_waiting_while_another_worker_seals(city: City, home: Path) -> None:
    events.record(E.REQUEST_DRAFTED, actor=city.actor("consumer-cataloguer"), case=make_case())
    with journal.Writer(home / "journal", jobs.NODE):
        assert jobs.seal_events(now()) == 0
    assert jobs.seal_events(now()) == 1


def test_heads_of_the_log_are_kept_apart_and_find_a_rewritten_log(city: City, home: Path) -> None:
    events.record(E.REQUEST_DRAFTED, actor=city.actor("consumer-cataloguer"), case=make_case())
    jobs.seal_events(now())
    assert jobs.anchor_journal(now()) == 1
    assert jobs.anchor_journal(now()) == 0, "the head has not moved"
    kept = [msgspec.convert(anchor.head, journal.Head) for anchor in JournalAnchor.objects.all()]
    assert journal.verify(home / "journal", anchors=kept).ok
    shutil.rmtree(home / "journal" / jobs.NODE)
    with journal.Writer(home / "journal", jobs.NODE) as forger:
        forger.append_many_sync([journal.Record(kind="event", action="forged")] * 3)
    assert journal.verify(home / "journal").ok, "consistent in itself"
    assert not journal.verify(home / "journal", anchors=kept).ok


def test_the_log_is_sealed_when_due_and_its_receipts_can_be_proven(city: City, home: Path, settings) -> None:
    settings.JOURNAL_SEAL_MINUTES = 5
    events.record(E.REQUEST_DRAFTED, actor=city.actor("consumer-cataloguer"), case=make_case())
    jobs.seal_events(now())
    assert jobs.seal_journal(now()) == 1
    receipt = EventSeal.objects.get().receipt
    proof = journal.prove(home / "journal", receipt)
    assert journal.verify_proof(proof, journal.seal_key(home / "secrets").public)
    events.record(E.REQUEST_DRAFTED, actor=city.actor("consumer-cataloguer"), case=make_case())
    jobs.seal_events(now())
    assert jobs.seal_journal(now()) == 0, "not due"
    assert jobs.seal_journal(now() + timedelta(minutes=5)) == 1
    assert jobs.compress_journal(now()) == 0, "the only segment is open"
    assert journal.verify(home / "journal").ok


def test_a_damaged_node_is_not_sealed_and_keeps_no_other_from_it(city: City, home: Path, caplog) -> None:
    for node in ("gw1", "gw2"):
        with journal.Writer(home / "journal", node) as writer:
            writer.append_many_sync([journal.Record(kind="read", rows=1)] * 3)
    (segment,) = (home / "journal" / "gw1").glob("seg-*.log")
    segment.write_bytes(segment.read_bytes().replace(b'"rows":1', b'"rows":2'))
    assert jobs.seal_journal(now()) == 1
    assert "gw1" in caplog.text
    assert journal.seal_of(home / "journal", "gw2", 3) is not None


def test_a_notice_reaches_those_who_may_read_its_case(city: City) -> None:
    services.notify(case=make_case(), department_id=city.consumer.id, text="请补正")
    assert queries.unread_notices_for(city.actor("consumer-approver")) == 1
    version = CaseRef(CaseKind.RESOURCE_VERSION, new_id(), "营数资〔2026〕0001号", "表", "/resources/")
    services.notify(case=version, department_id=city.consumer.id, text="已复核发布")
    texts = {
        who: sorted(notice.text for notice in queries.list_notices_for(city.actor(who)))
        for who in ("consumer-cataloguer", "consumer-developer", "stranger")
    }
    assert texts == {
        "consumer-cataloguer": ["已复核发布", "请补正"],
        "consumer-developer": ["请补正"],
        "stranger": [],
    }
    services.notify(case=make_case(), department_id=city.bureau.id, text="备案")
    assert queries.unread_notices_for(city.actor("bureau-supervisor")) == 1
    assert queries.unread_notices_for(city.actor("admin")) == 0


def test_a_damaged_head_is_said_and_keeps_neither_the_others_nor_the_worker(
    city: City, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for node in ("gw1", "gw2"):
        with journal.Writer(home / "journal", node) as writer:
            writer.append_sync(journal.Record(kind="read"))
    (home / "journal" / "gw1" / "HEAD").write_bytes(b"nothing")
    assert jobs.anchor_journal(now()) == 1
    assert [anchor.node for anchor in JournalAnchor.objects.all()] == ["gw2"]
    assert "gw1" in caplog.text
    assert jobs.seal_journal(now()) == 1
    with pytest.raises(journal.JournalDamaged):
        journal.Writer(home / "journal", "gw1")
