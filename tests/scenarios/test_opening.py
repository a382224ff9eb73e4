"""Opening: reviewed, applied for, supplemented, agreed to, signed, replied in writing, used, revoked; refused.

Yingkou gives ten working days for the answer, Shenyang fifteen; Dongchangfu and the Decree set none.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from shuqiao.delivery.models import Grant
from shuqiao.kernel import InvalidInput, RuleRefused
from shuqiao.opening.applications import services
from shuqiao.opening.applications.tests.conftest import draft_of
from shuqiao.opening.models import OpenApplication, OpeningReview
from shuqiao.opening.replies import services as replies
from shuqiao.opening.review import services as reviewing
from shuqiao.opening.tests.opened import draft_of as review_of
from shuqiao.opening.tests.opened import opened, table_in
from shuqiao.organizations.tests.factories import make_party
from shuqiao.procedures.models import OutgoingMail
from tests.scenarios.browser import Visitor
from tests.scenarios.steps import due_of, events_of, night, nothing_left, over, term_of, waits_for

pytestmark = pytest.mark.django_db
UNTIL = date(2027, 12, 31)
NO = {"reason": "涉及商业秘密", "ground": "反不正当竞争法 第九条"}
BACK = {"breach": "转售数据", "ground": "开放协议第五条"}
REVIEW = {
    **{f"treatment-{name}": "keep" for name in ("统一社会信用代码", "企业名称", "地区", "成立日期")},
    "treatment-联系电话": "mask", "mask-联系电话": "keep_ends", "licence": "open-attribution",
    "domain": ["credit"], "secrecy_checked": "1", "personal_checked": "1",
}  # fmt: skip


def at(name: str, *args: object) -> str:
    return reverse(f"opening:{name}", args=args)


def kind_in(place: Any) -> str:
    return "innovation" if place.name == "dongchangfu" else "general"


class ByServices:
    """Each step as whoever writes a program takes it."""

    def __init__(self, place: Any, clock: Any) -> None:
        self.place, self.clock = place, clock

    def actor(self, who: str) -> Any:
        return self.place.city.actor(who) if who == "citizen" else self.place.actor(who)

    def by(self, who: str, case: Any) -> dict[str, Any]:
        return {"actor": self.actor(who), "application_id": case.id, "on": self.clock.on}

    def reviewing(self, who: str, review: Any) -> dict[str, Any]:
        return {"actor": self.actor(who), "review_id": review.id, "on": self.clock.on}

    def begin(self, table: Any) -> OpeningReview:
        actor = self.actor("editor")
        return reviewing.begin_review(actor=actor, resource_id=table.id, on=self.clock.on)

    def submit_review(self, review: Any, table: Any) -> None:
        reviewing.submit_review(draft=review_of(table), **self.reviewing("editor", review))

    def submit_unmasked(self, review: Any, table: Any) -> str:
        whole = review_of(table)
        columns = {name: type(one)("keep") for name, one in whole.columns.items()}
        draft = review_of(table, columns=columns)
        with pytest.raises((RuleRefused, InvalidInput)) as refused:
            reviewing.submit_review(draft=draft, **self.reviewing("editor", review))
        return str(refused.value)

    def send_back(self, review: Any) -> None:
        reviewing.return_review(reason="再核对一次", **self.reviewing("bureau", review))

    def let_open(self, review: Any) -> None:
        reviewing.pass_review(**self.reviewing("bureau", review))

    def apply(self, table: Any) -> OpenApplication:
        draft = draft_of(purpose_kind=kind_in(self.place), valid_until=UNTIL)
        made, code = services.submit_application(
            actor=self.actor("citizen"), entry_id=table.entry_id, draft=draft, on=self.clock.on
        )
        assert code
        return made

    def want_more(self, case: Any) -> None:
        services.ask_supplement(points=("数据用在哪里",), **self.by("giver", case))

    def supply(self, case: Any) -> None:
        draft = draft_of(purpose_kind=kind_in(self.place), valid_until=UNTIL, scenario="手机应用")
        services.supplement_application(draft=draft, note="写明了", **self.by("citizen", case))

    def agree(self, case: Any) -> None:
        services.agree_application(**self.by("giver", case))

    def confirm(self, who: str, case: Any) -> None:
        services.confirm_agreement(**self.by(who, case))

    def want_reply(self, case: Any) -> None:
        replies.ask_reply(**self.by("citizen", case))

    def report(self, case: Any) -> None:
        services.report_use(usage="做了地图", products="地图", cited=True, **self.by("citizen", case))

    def seen(self, case: Any) -> None:
        services.mark_use_seen(**self.by("giver", case))

    def revoke(self, case: Any) -> None:
        services.revoke_application(**BACK, **self.by("giver", case))

    def bare_no(self, case: Any) -> str:
        with pytest.raises(RuleRefused) as refused:
            services.refuse_application(reason="", ground="", **self.by("giver", case))
        return str(refused.value)

    def no(self, case: Any) -> None:
        services.refuse_application(**NO, **self.by("giver", case))


class ByPages:
    """Each step as somebody at a browser takes it."""

    def __init__(self, place: Any, visitor: Any) -> None:
        self.place, self.visitor = place, visitor
        self.citizen = Visitor(place.city.user("citizen"))
        own = place.own(
            yingkou="yingkou-2022:29", shenyang="shenyang-2020:26", dongchangfu="dongchangfu-2020:25"
        )
        self.says = (place.title(own),) if own else ()
        check = place.own(
            yingkou="yingkou-2022:28", shenyang="shenyang-2020:25", dongchangfu="dongchangfu-2020:28"
        )
        self.checks = (place.title(check),) if check else ()

    def begin(self, table: Any) -> OpeningReview:
        page = reverse("resources:resource", args=[table.id])
        self.visitor("editor").take(page, at("review-begin", table.id))
        return OpeningReview.objects.get()

    def submit_review(self, review: Any, table: Any) -> None:
        page = at("review", review.id)
        self.visitor("editor").take(page, at("review-submit", review.id), REVIEW, self.checks)

    def submit_unmasked(self, review: Any, table: Any) -> str:
        given = {**REVIEW, "treatment-联系电话": "keep"}
        page = self.visitor("editor").refused(at("review", review.id), at("review-submit", review.id), given)
        return str(page.words)

    def send_back(self, review: Any) -> None:
        given = {"reason": "再核对一次"}
        page = at("review", review.id)
        self.visitor("bureau").take(page, at("review-return", review.id), given, self.checks)
        self.visitor("editor").open(page).says("再核对一次")

    def let_open(self, review: Any) -> None:
        self.visitor("bureau").open(reverse("portal:inbox")).says(review.title)
        self.visitor("bureau").take(at("review", review.id), at("review-pass", review.id), says=self.checks)

    def apply(self, table: Any) -> OpenApplication:
        entry = Visitor().open(at("entry", table.entry_id))
        assert at("apply", table.entry_id) in entry.html, "the way there is on the open page of the data"
        given = {
            "items": ["企业名称", "地区", "联系电话"], "purpose_kind": kind_in(self.place), "purpose": "做一张地图",
            "scenario": "在网站上显示", "safeguards": "只放在自己的服务器上", "valid_until": str(UNTIL),
        }  # fmt: skip
        self.citizen.take(at("apply", table.entry_id), "", given, self.says)
        return OpenApplication.objects.latest("id")

    def step(
        self, who: str, case: Any, step: str, given: dict[str, str] | None = None, *, cites: bool = False
    ) -> None:
        by = self.citizen if who == "citizen" else self.visitor(who)
        says = self.says if cites else ()
        by.take(at("application", case.id), at(f"application-{step}", case.id), given, says)

    def want_more(self, case: Any) -> None:
        self.visitor("giver").open(reverse("portal:inbox")).says("答复开放申请")
        self.step("giver", case, "ask-supplement", {"points": "数据用在哪里"}, cites=True)

    def supply(self, case: Any) -> None:
        page = at("application-supplement", case.id)
        shown = self.citizen.open(at("application", case.id))
        shown.says("数据用在哪里")
        assert page in shown.html
        self.citizen.take(page, "", {"scenario": "手机应用", "note": "写明了"})

    def agree(self, case: Any) -> None:
        self.step("giver", case, "agree", cites=True)

    def confirm(self, who: str, case: Any) -> None:
        self.step(who, case, "confirm", cites=True)

    def want_reply(self, case: Any) -> None:
        self.step("citizen", case, "reply")
        answer = self.citizen.client.get(at("application-reply-docx", case.id))
        assert answer.status_code == 200
        assert answer.content.startswith(b"PK"), "a Word document"

    def report(self, case: Any) -> None:
        given = {"usage": "做了地图", "products": "地图", "cited": "1"}
        self.step("citizen", case, "report", given)

    def seen(self, case: Any) -> None:
        self.visitor("giver").open(reverse("portal:inbox")).says("查阅利用情况")
        self.step("giver", case, "seen")

    def revoke(self, case: Any) -> None:
        self.step("giver", case, "revoke", BACK)
        self.citizen.open(at("application", case.id)).says(*BACK.values())

    def bare_no(self, case: Any) -> str:
        page, action = at("application", case.id), at("application-refuse", case.id)
        return str(self.visitor("giver").refused(page, action, {"reason": ""}).words)

    def no(self, case: Any) -> None:
        self.step("giver", case, "refuse", NO, cites=True)
        self.citizen.open(at("application", case.id)).says(*NO.values(), *self.says)


@pytest.fixture
def citizen(place: Any, clock: Any) -> Any:
    """Somebody with a verified address."""
    return make_party(place.city)


@pytest.fixture(params=["services", "pages"])
def how(request: pytest.FixtureRequest, place: Any, clock: Any, visitor: Any, citizen: Any) -> Any:
    return ByServices(place, clock) if request.param == "services" else ByPages(place, visitor)


@pytest.mark.article("yingkou-2022", "28")
@pytest.mark.article("yingkou-2022", "29")
@pytest.mark.article("shenyang-2020", "26")
@pytest.mark.article("dongchangfu-2020", "25")
def test_from_the_review_over_spring_festival_to_the_revocation(place, clock, citizen, how):
    table = table_in(place.stage())
    clock.to(date(2026, 2, 9))
    review = how.begin(table)
    assert "联系电话" in how.submit_unmasked(review, table), "a personal column blocks until it is masked"
    how.submit_review(review, table)
    assert [who for who, _ in waits_for(review)] == [place.bureau.short_name]
    how.send_back(review)
    assert [who for who, _ in waits_for(review)] == [place.provider.short_name]
    how.submit_review(review, table)
    how.let_open(review)
    over(review)

    clock.to(date(2026, 2, 12))
    case = how.apply(table)
    # Ten: 13, 14 (Saturday, worked), 24-27, 28 February (Saturday, worked), 2, 3, 4 March;
    # fifteen: 5, 6, 9, 10, 11 March.
    assert due_of(case) == place.own(yingkou=date(2026, 3, 4), shenyang=date(2026, 3, 11))
    assert waits_for(case) == [(place.provider.short_name, "答复开放申请")]
    clock.to(date(2026, 2, 13))
    how.want_more(case)
    assert term_of(case) is None or term_of(case).paused
    clock.to(date(2026, 2, 25))
    how.supply(case)
    # 14, 24, 25 February were waited: 5, 6, 9 March; 12, 13, 16 March.
    assert due_of(case) == place.own(yingkou=date(2026, 3, 9), shenyang=date(2026, 3, 16))
    clock.to(date(2026, 2, 27))
    how.agree(case)
    assert term_of(case) is None, "answered"
    assert not Grant.objects.exists(), "no access before the agreement"
    how.confirm("citizen", case)
    how.confirm("giver", case)
    grant = Grant.objects.get()
    assert {"name": "联系电话", "mask": "keep_ends"} in grant.columns
    how.want_reply(case)
    how.report(case)
    how.seen(case)
    over(case)
    clock.to(date(2026, 12, 31))
    how.revoke(case)
    case.refresh_from_db()
    grant.refresh_from_db()
    assert (case.status, grant.state) == ("revoked", "ended")
    over(case, review)
    nothing_left()
    assert events_of(review) == [
        *("review.begun", "review.submitted", "review.blocked", "review.submitted", "review.done"),
    ]
    assert events_of(case) == [
        *("application.submitted", "application.supplement_asked", "application.supplemented"),
        *("application.granted", "application.signed", "application.signed", "application.opened"),
        *("application.reply_issued", "application.use_reported", "application.followed_up"),
        "application.revoked",
    ]


@pytest.mark.article("yingkou-2022", "29")
@pytest.mark.article("shenyang-2020", "26")
@pytest.mark.article("dongchangfu-2020", "25")
def test_a_no_over_the_end_of_the_year_is_given_with_reasons(place, clock, citizen, how):
    clock.to(date(2026, 12, 28))
    table = table_in(place.stage())
    opened(place.stage(), table, on=clock.on)
    clock.to(date(2026, 12, 29))
    case = how.apply(table)
    # 30, 31 December, 4-8 January are seven; 11, 12, 13 January ten; 14, 15, 18, 19, 20 January fifteen.
    due = place.own(yingkou=date(2027, 1, 13), shenyang=date(2027, 1, 20))
    assert due_of(case) == due
    if due:
        assert term_of(case).provisional, "the days of 2027 are not published"
        assert night(clock, due) == 0
        assert night(clock, due.replace(day=due.day + 1)) == 1
    else:
        assert night(clock, date(2027, 3, 1)) == 0, "no text sets a term: nothing is overdue"
    assert "理由" in how.bare_no(case)
    how.no(case)
    case.refresh_from_db()
    assert (case.status, case.answer_ground) == ("refused", NO["ground"])
    assert OutgoingMail.objects.filter(to=citizen.email, text__contains=NO["reason"]).exists()
    assert not Grant.objects.exists()
    over(case)
    nothing_left()
    late = ["term.overdue"] if due else []
    assert events_of(case) == ["application.submitted", *late, "application.refused"]
