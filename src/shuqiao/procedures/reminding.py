"""What the platform reminds of by itself, and mail to people: at once, or one digest on the morning of a working day.

Mail names number, kind and day of a case, never its title: what it is about is read after signing in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from shuqiao.accounts.models import User
from shuqiao.accounts.services import change_email
from shuqiao.accounts.types import PLATFORM, Actor
from shuqiao.kernel import InvalidInput, NotAllowed
from shuqiao.kernel.time import CHINA, day_of
from shuqiao.organizations.queries import actor_of
from shuqiao.procedures import events, queries, workdays
from shuqiao.procedures.mailing import queue_mail
from shuqiao.procedures.models import InboxItem, MailWish, Notice, Term, TermReminder
from shuqiao.procedures.services import case_of, notify
from shuqiao.procedures.types import CaseKind, E, MailRhythm, ReminderKind

NEAR_DAYS = 2
MORNING = time(8, 30)
SETTLED = timedelta(
    seconds=30
)  # a row written in a transaction that is still open shows up later than its moment
LINES = 50
PEOPLE_AT_ONCE = 200
TERMS_AT_ONCE = 500


@transaction.atomic
def choose(*, actor: Actor, email: str, rhythm: MailRhythm, at: datetime) -> MailWish:
    """A person chooses an address and how often to get mail. Mail without an address cannot be chosen."""
    user_id = _person(actor)
    if rhythm != MailRhythm.NONE and not email.strip():
        raise InvalidInput.one("电子邮箱", "要收邮件，请填写邮箱")
    change_email(user_id=user_id, email=email)
    wish, _ = MailWish.objects.update_or_create(
        user_id=user_id, defaults={"rhythm": rhythm, "told_until": at}
    )
    return wish


def address_of(actor: Actor) -> str:
    """Where the person gets mail; empty: nowhere. Raises NotAllowed for whoever holds no post."""
    return User.objects.values_list("email", flat=True).get(id=_person(actor))


def _person(actor: Actor) -> UUID:
    """Only people with a post have an inbox; others are written to by their own cases."""
    if actor.user_id is None or not actor.posts:
        raise NotAllowed("procedures:mail:choose", "只有在部门任职的人员有待办提醒")
    return actor.user_id


def wish_of(actor: Actor) -> MailRhythm:
    """How often the person gets mail now."""
    found = MailWish.objects.filter(user=actor.user_id).values_list("rhythm", flat=True).first()
    return MailRhythm(found) if found else MailRhythm.NONE


def is_morning(at: datetime) -> bool:
    """A working day, half past eight or later, in China."""
    return at.astimezone(CHINA).time() >= MORNING and workdays.current().is_workday(day_of(at))


def remind_of_due(*, at: datetime) -> int:
    """Remind the departments of terms with two working days left, and of those due today, each once. Returns how many.

    A term that only began today is no news to anybody. A due day that moves is reminded of again.
    """
    if not is_morning(at):
        return 0
    on = day_of(at)
    near = workdays.current().due_on(on, NEAR_DAYS).on
    done = 0
    for kind, first, last in (
        (ReminderKind.DUE, on, on),
        (ReminderKind.NEAR, on + timedelta(days=1), near),
    ):
        said = TermReminder.objects.filter(term=OuterRef("pk"), kind=kind, due_on=OuterRef("due_on"))
        waiting = Term.objects.filter(
            ~Exists(said), closed_on=None, paused=False, due_on__gte=first, due_on__lte=last, opened_on__lt=on
        )
        done += sum(
            _remind(term_id, kind, at) for term_id in waiting.values_list("id", flat=True)[:TERMS_AT_ONCE]
        )
    return done


@transaction.atomic
def _remind(term_id: UUID, kind: ReminderKind, at: datetime) -> bool:
    term = Term.objects.select_for_update().get(id=term_id)
    if term.closed_on or term.paused or term.due_on is None:
        return False
    _, first = TermReminder.objects.get_or_create(
        term=term, kind=kind, due_on=term.due_on, defaults={"at": at}
    )
    if first:
        case = case_of(term)
        words = "今天到期" if kind == ReminderKind.DUE else f"{term.due_on.month} 月 {term.due_on.day} 日到期"
        notify(case=case, department_id=term.department_id, text=f"{words}：{term.case_title}")
        events.record(
            E.TERM_NEAR,
            actor=PLATFORM,
            case=case,
            department_id=term.department_id,
            on=day_of(at),
            data={"term": term.term_id, "kind": str(kind), "due_on": str(term.due_on)},
        )
    return first


def mail_at_once(*, at: datetime) -> int:
    """Mail to those who want it at once about what has come since they were last told. Returns how many mails."""
    until = at - SETTLED
    new_lines = InboxItem.objects.filter(opened_at__gt=OuterRef("told_until"), opened_at__lte=until)
    new_notices = Notice.objects.filter(at__gt=OuterRef("told_until"), at__lte=until)
    waiting = (
        MailWish.objects.filter(Exists(new_lines) | Exists(new_notices), rhythm=MailRhythm.AT_ONCE)
        .exclude(user__email="")
        .select_related("user")
        .order_by("told_until")
    )
    return sum(_tell_at_once(wish, until) for wish in waiting[:PEOPLE_AT_ONCE])


@transaction.atomic
def _tell_at_once(wish: MailWish, until: datetime) -> bool:
    mine = MailWish.objects.filter(user=wish.user_id, told_until=wish.told_until)
    if not mine.update(told_until=until):
        return False  # another worker has told this person
    actor, on = actor_of(wish.user, on=day_of(until)), day_of(until)
    lines = list(
        queries.list_inbox_for(actor).filter(opened_at__gt=wish.told_until, opened_at__lte=until)[:LINES]
    )
    notices = list(queries.list_notices_for(actor).filter(at__gt=wish.told_until, at__lte=until)[:LINES])
    if not lines and not notices:
        return False
    said = [_line(item, on) for item in lines]
    said += [f"通知　{notice.case_number}　{CaseKind(notice.case_kind).label}" for notice in notices]
    _mail(wish.user, f"{len(lines)} 件新待办，{len(notices)} 条新通知", said)
    return True


def mail_digests(*, at: datetime) -> int:
    """One mail on the morning of a working day to each who wants that and has something to do. Returns how many."""
    if not is_morning(at):
        return 0
    on = day_of(at)
    waiting = (
        MailWish.objects.filter(rhythm=MailRhythm.DAILY, digested_on__lt=on)
        .exclude(user__email="")
        .select_related("user")
    )
    return sum(_digest(wish, on, at) for wish in waiting[:PEOPLE_AT_ONCE])


@transaction.atomic
def _digest(wish: MailWish, on: date, at: datetime) -> int:
    mine = MailWish.objects.filter(user=wish.user_id, rhythm=MailRhythm.DAILY, digested_on=wish.digested_on)
    if not mine.update(digested_on=on, told_until=at):
        return 0
    actor = actor_of(wish.user, on=on)
    counts = queries.inbox_counts_for(actor, on=on)
    if counts["open"]:
        lines = queries.list_inbox_for(actor)[:LINES]
        head = f"{counts['open']} 件待办" + (f"，{counts['late']} 件已逾期" if counts["late"] else "")
        _mail(wish.user, head, [_line(item, on) for item in lines])
    return 1


def _line(item: InboxItem, on: date) -> str:
    label = CaseKind(item.case_kind).label
    return f"{item.action}　{item.case_number}　{label}　{_clock(item.term, on)}"


def _clock(term: Term | None, on: date) -> str:
    if term is None or term.due_on is None:
        return "不计期限"
    if term.paused:
        return "期限暂停"
    left = term.clock().days_left(on)
    if term.due_on < on:
        return f"已逾期 {-left} 个工作日"
    mark = "（待定）" if term.provisional else ""
    return "今天到期" if term.due_on == on else f"{term.due_on} 到期，还剩 {left} 个工作日{mark}"


def _mail(user: User, head: str, lines: Iterable[str]) -> None:
    foot = f"登录后查看内容：{settings.PUBLIC_URL}/work/\n邮件设置：{settings.PUBLIC_URL}/work/settings/"
    text = "\n".join([f"{user.name}：", "", *lines, "", foot, ""])
    queue_mail(to=user.email, subject=f"政务数据共享平台：{head}", text=text)
