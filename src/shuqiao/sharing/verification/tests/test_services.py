"""Steps of a verification: what works, who may not, what a rule refuses, what cannot be done twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shuqiao.delivery import services as delivery
from shuqiao.delivery.types import EndGround
from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.procedures.models import Event, InboxItem, Notice, Term
from shuqiao.procedures.types import E
from shuqiao.sharing.verification import queries, services
from shuqiao.sharing.verification.tests.conftest import ITEMS, KEY, ON, OTHER, accept, asked_of
from shuqiao.sharing.verification.types import Citizen, Claim, Finding


def events_of(verification):
    return list(Event.objects.filter(case_id=verification.id).order_by("id").values_list("type", flat=True))


def open_lines(verification):
    return list(
        InboxItem.objects.filter(case_id=verification.id, done_at=None).values_list(
            "department__short_name", "action"
        )
    )


@pytest.mark.article("yingkou-2022", "23")
@pytest.mark.article("national-2025", "26")
def test_asking_starts_the_providers_clock(city, ask):
    case = ask()
    assert case.number.startswith("营数核〔2026〕")
    field = case.fields.get()
    assert (field.key, field.column, field.shown, field.believed) == ([KEY], "法人代表", "张三", "赵六")
    term = Term.objects.get(case_id=case.id)
    assert (term.term_id, term.clock().days, str(term.clock().source)) == (
        "verification.reply", 5, "yingkou-2022:23",
    )  # fmt: skip
    assert open_lines(case) == [("市市场监管局", "核实数据")]
    assert events_of(case) == [E.VERIFICATION_ASKED]
    said = str(Event.objects.get(case_id=case.id).data)
    assert KEY not in said
    assert "赵六" not in said


def test_rows_are_shown_as_the_grant_shows_them_and_that_leaves_evidence(city, table):
    grant = table.grant(
        city.consumer,
        columns=(("统一社会信用代码", "none"), ("法人代表", "keep_ends")),
        where=({"column": "地区", "op": "eq", "values": ["营口"]},),
    )
    looked = services.look_up_rows(
        actor=city.actor("consumer-cataloguer"), grant_id=grant.id, keys=[(KEY,), (OTHER,)], on=ON
    )
    assert [row.values for row in looked] == [
        {"统一社会信用代码": KEY, "法人代表": "张*"},
        {"统一社会信用代码": OTHER, "法人代表": "李*"},
    ]
    event = Event.objects.get(type=E.VERIFICATION_LOOKED)
    assert event.case_id == grant.id
    assert KEY not in str(event.data)
    with pytest.raises(InvalidInput, match="没有这条记录"):
        services.look_up_rows(
            actor=city.actor("consumer-cataloguer"), grant_id=grant.id, keys=[("91210100MA0U000033",)], on=ON
        )
    with pytest.raises(NotFound):
        services.look_up_rows(actor=city.actor("stranger"), grant_id=grant.id, keys=[(KEY,)], on=ON)
    with pytest.raises(NotAllowed):
        services.look_up_rows(actor=city.actor("provider-approver"), grant_id=grant.id, keys=[(KEY,)], on=ON)
    with pytest.raises(InvalidInput):
        services.look_up_rows(actor=city.actor("consumer-cataloguer"), grant_id=grant.id, keys=[], on=ON)


def test_what_the_grant_does_not_give_cannot_be_asked_about(city, table):
    grant = table.grant(city.consumer, columns=(("统一社会信用代码", "none"), ("企业名称", "none")))
    with pytest.raises(InvalidInput, match="法人代表"):
        services.ask_verification(
            actor=city.actor("consumer-cataloguer"), grant_id=grant.id, asked=asked_of(), on=ON
        )


def test_who_held_a_grant_writes_down_what_it_was_given(city, grant):
    delivery.end_grant(
        actor=city.actor("consumer-approver"), grant_id=grant.id, ground=EndGround.FULFILLED, reason="办结", on=ON
    )  # fmt: skip
    actor = city.actor("consumer-cataloguer")
    with pytest.raises(InvalidInput, match="不在有效状态"):
        services.look_up_rows(actor=actor, grant_id=grant.id, keys=[(KEY,)], on=ON)
    claim = Claim((KEY,), "法人代表", "赵六", shown="张三（三月一日取得）")
    case = services.ask_verification(actor=actor, grant_id=grant.id, asked=asked_of(claim), on=ON)
    assert case.fields.get().shown == "张三（三月一日取得）"


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"reason": " "}, "理由"),
        ({"proof": ""}, "证明"),
        ({"citizen": Citizen("")}, "当事人的说法"),
        ({"citizen": Citizen("名字写错了", document="身份证")}, "服务事项"),
    ],
)
def test_what_a_verification_has_to_say(ask, more, missing):
    with pytest.raises(RuleRefused, match=missing) as refused:
        ask(**more)
    assert str(refused.value.decision.basis[0]) == "yingkou-2022:23"


def test_every_field_that_cannot_be_is_named_at_once(ask):
    with pytest.raises(InvalidInput) as wrong:
        ask(Claim((KEY, "x"), "法人代表", "甲"), Claim((KEY,), "没有", "甲"), Claim((KEY,), "没有", "乙"))
    assert len(wrong.value.problems) == 4


@pytest.mark.article("yingkou-2022", "23")
def test_a_citizen_with_valid_proof_is_served_at_once(city, ask):
    case = ask(citizen=Citizen("执照上是赵六", "赵六", "营业执照正本", "企业参保登记"))
    assert (case.citizen_document, case.service_item, case.served_on) == ("营业执照正本", "企业参保登记", ON)
    assert events_of(case) == [E.VERIFICATION_ASKED, E.VERIFICATION_SERVED]
    assert "赵六" not in str(list(Event.objects.filter(case_id=case.id).values_list("data", flat=True)))
    assert queries.statistics_for(city.actor("bureau-supervisor"))["served"] == 1
    with pytest.raises(RuleRefused, match="已经记录"):
        services.record_served(
            actor=city.actor("consumer-cataloguer"), verification_id=case.id, document="x", service_item="y", on=ON
        )  # fmt: skip


def test_proof_may_come_later_and_the_name_goes_when_the_case_has_ended(city, ask):
    case = ask(citizen=Citizen("执照上是赵六", "赵六"))
    actor = city.actor("consumer-approver")
    with pytest.raises(RuleRefused, match="服务事项"):
        services.record_served(actor=actor, verification_id=case.id, document="执照", service_item="", on=ON)
    services.record_served(actor=actor, verification_id=case.id, document="执照", service_item="参保", on=ON)
    with pytest.raises(InvalidInput, match="办结"):
        services.erase_citizen(actor=actor, verification_id=case.id, on=ON)
    services.confirm_verification(
        actor=city.actor("provider-approver"), verification_id=case.id, reason="档案无误", on=ON
    )
    services.erase_citizen(actor=actor, verification_id=case.id, on=ON)
    services.erase_citizen(actor=actor, verification_id=case.id, on=ON)
    case.refresh_from_db()
    assert case.citizen_name == ""
    assert events_of(case).count(E.VERIFICATION_ERASED) == 1
    with pytest.raises(RuleRefused, match="不是为当事人"):
        services.record_served(
            actor=actor, verification_id=ask().id, document="执照", service_item="参保", on=ON
        )


def test_confirmed_with_an_explanation(city, ask):
    case, provider = ask(), city.actor("provider-approver")
    with pytest.raises(RuleRefused):
        services.confirm_verification(actor=provider, verification_id=case.id, reason=" ", on=ON)
    services.confirm_verification(actor=provider, verification_id=case.id, reason="与档案一致", on=ON)
    case.refresh_from_db()
    assert (case.status, case.answer_reason) == ("confirmed", "与档案一致")
    assert Term.objects.get(case_id=case.id).closed_on == ON
    assert open_lines(case) == []
    assert Notice.objects.filter(
        case_id=case.id, department=city.consumer, text__contains="与档案一致"
    ).exists()
    with pytest.raises(IllegalMove):
        services.confirm_verification(actor=provider, verification_id=case.id, reason="再来", on=ON)


@pytest.mark.article("yingkou-2022", "23")
def test_rejected_only_with_reason_and_basis(city, ask):
    case, provider = ask(), city.actor("provider-approver")
    for reason, basis in (("", "某条"), ("不属登记事项", " ")):
        with pytest.raises(RuleRefused) as refused:
            services.reject_verification(
                actor=provider, verification_id=case.id, reason=reason, basis=basis, on=ON
            )
        assert refused.value.decision.basis
    services.reject_verification(
        actor=provider, verification_id=case.id, reason="不属登记事项", basis="企业登记条例 第三条", on=ON
    )
    case.refresh_from_db()
    assert (case.status, case.answer_basis) == ("rejected", "企业登记条例 第三条")


def test_only_the_provider_answers_and_only_the_asker_withdraws(city, ask):
    case = ask()
    for who, error in (
        ("consumer-approver", NotAllowed),
        ("provider-cataloguer", NotAllowed),
        ("stranger", NotFound),
    ):
        with pytest.raises(error):
            services.confirm_verification(
                actor=city.actor(who), verification_id=case.id, reason="无误", on=ON
            )
    for who, error in (("provider-approver", NotAllowed), ("stranger", NotFound)):
        with pytest.raises(error):
            services.withdraw_verification(
                actor=city.actor(who), verification_id=case.id, reason="误会", on=ON
            )
    with pytest.raises(RuleRefused):
        services.withdraw_verification(
            actor=city.actor("consumer-cataloguer"), verification_id=case.id, reason="", on=ON
        )
    services.withdraw_verification(
        actor=city.actor("consumer-cataloguer"), verification_id=case.id, reason="误会", on=ON
    )
    with pytest.raises(IllegalMove):
        accept(city, case)
    assert open_lines(case) == []


@pytest.mark.article("national-2025", "26")
def test_accepted_is_owed_until_a_version_carries_it(city, ask):
    case = ask(Claim((KEY,), "法人代表", "赵六"), Claim((OTHER,), "法人代表", "钱七"))
    accept(city, case, Finding("wrong", "赵六"), Finding("right"))
    case.refresh_from_db()
    assert case.status == "accepted"
    one, other = queries.fields_of(case)
    assert (one.outcome, one.correct, one.wrong_since.number) == ("wrong", "赵六", 1)
    assert (other.outcome, other.correct, other.wrong_since) == ("right", "", None)
    assert open_lines(case) == [("市市场监管局", "发布更正后的数据")]
    terms = {term.term_id: term for term in Term.objects.filter(case_id=case.id)}
    assert terms["verification.reply"].closed_on == ON
    owed = terms["verification.correction"]
    assert (owed.closed_on, owed.clock().days, str(owed.clock().source)) == (None, 10, "national-2025:26")
    with pytest.raises(IllegalMove):
        services.withdraw_verification(
            actor=city.actor("consumer-cataloguer"), verification_id=case.id, reason="算了", on=ON
        )


@pytest.mark.parametrize(
    ("found", "more", "error", "said"),
    [
        (Finding(""), {}, RuleRefused, "逐个字段"),
        (Finding("right"), {}, RuleRefused, "核实无误"),
        (Finding("wrong", "赵六"), {"reason": ""}, RuleRefused, "怎样核实"),
        (Finding("wrong", "赵六"), {"correct_by": None}, RuleRefused, "更正日期"),
        (Finding("wrong", "赵六"), {"correct_by": ON - timedelta(days=1)}, RuleRefused, "更正日期"),
        (Finding("wrong", "赵六"), {"correct_by": ON + timedelta(days=60)}, RuleRefused, "最迟"),
        (Finding("wrong", "张三"), {}, InvalidInput, "已经是这个值"),
        (Finding("wrong", "赵" * 1001), {}, InvalidInput, "最多"),
    ],
)
def test_what_an_acceptance_has_to_say(city, ask, found, more, error, said):
    case = ask()
    with pytest.raises(error, match=said):
        accept(city, case, found, **more)
    case.refresh_from_db()
    assert case.status == "asked"


def test_a_key_that_is_in_no_row_cannot_be_accepted(city, table):
    grant = table.grant(city.consumer, columns=tuple((name, "keep_ends") for name in ITEMS))
    case = services.ask_verification(
        actor=city.actor("consumer-cataloguer"), grant_id=grant.id,
        asked=asked_of(Claim(("91210800MA0U000099",), "法人代表", "赵六", shown="张*")), on=ON,
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="没有这条记录"):
        accept(city, case)


def test_statistics_count_what_the_reader_may_see(city, ask):
    ask()
    accept(city, ask())
    assert queries.statistics_for(city.actor("provider-approver")) | {"all": 2} == {
        "asked": 1, "confirmed": 0, "accepted": 1, "rejected": 0, "corrected": 0, "withdrawn": 0,
        "all": 2, "for_citizens": 0, "served": 0, "answered": 1, "in_time": 1, "late": 0,
    }  # fmt: skip
    assert queries.statistics_for(city.actor("stranger"))["all"] == 0
    assert queries.statistics_for(city.actor("auditor"), since=ON + timedelta(days=1))["all"] == 0
