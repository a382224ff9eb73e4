"""A person's own pages: mail and calendar, and who stands in for whom."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuqiao.accounts.access import Request, public
from shuqiao.accounts.types import P
from shuqiao.kernel.time import now, today
from shuqiao.organizations.standing_in import list_substitutions_for, own_departments
from shuqiao.procedures import feeds, mailing, reminding, substituting
from shuqiao.procedures.day_input import DayInput
from shuqiao.procedures.types import MailRhythm

PAGE = 50


class MailForm(forms.Form):
    """An address and how often."""

    email = forms.EmailField(label="电子邮箱", max_length=254, required=False)
    rhythm = forms.ChoiceField(label="邮件提醒", choices=MailRhythm.choices, widget=forms.RadioSelect)

    def clean(self) -> dict[str, str]:
        """Mail needs an address."""
        given = super().clean() or {}
        if given.get("rhythm") != MailRhythm.NONE and not given.get("email") and "email" not in self.errors:
            self.add_error("email", "要收邮件，请填写邮箱")
        return given


@require_http_methods(["GET", "POST"])
def personal_settings(request: Request) -> HttpResponse:
    """Where and how often mail comes, and whether there is a calendar address."""
    email = reminding.address_of(request.actor)
    sent = request.POST if request.method == "POST" else None
    form = MailForm(sent, initial={"email": email, "rhythm": reminding.wish_of(request.actor)})
    if request.method == "POST" and form.is_valid():
        reminding.choose(
            actor=request.actor,
            email=form.cleaned_data["email"],
            rhythm=MailRhythm(form.cleaned_data["rhythm"]),
            at=now(),
        )
        messages.success(request, "设置已保存")
        return redirect("portal:settings")
    context = {"form": form, "feed": feeds.feed_of(request.actor), "mail_works": mailing.configured()}
    return render(request, "portal/settings.html", context, status=400 if form.errors else 200)


@require_POST
def make_feed(request: Request) -> HttpResponse:
    """A new calendar address, shown this once."""
    secret = feeds.make_feed(actor=request.actor, at=now())
    address = f"{settings.PUBLIC_URL}{reverse('portal:feed', args=[secret])}"
    return render(request, "portal/feed.html", {"address": address}, status=201)


@require_POST
def revoke_feed(request: Request) -> HttpResponse:
    """The calendar address stops working."""
    feeds.revoke_feed(actor=request.actor)
    messages.success(request, "日历地址已作废")
    return redirect("portal:settings")


@public
@require_GET
def feed(request: Request, secret: str) -> HttpResponse:
    """The calendar behind a secret address; whoever holds the address may read it."""
    text = feeds.calendar_of(secret, at=now(), on=today())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


class SubstituteForm(forms.Form):
    """Who is away, who stands in, from when until when."""

    absent = forms.ChoiceField(label="被代理人")
    substitute = forms.ChoiceField(label="代理人")
    since = forms.DateField(label="自", widget=DayInput())
    until = forms.DateField(label="至（含当天）", widget=DayInput())
    reason = forms.CharField(label="事由", max_length=200)

    def __init__(self, *args: object, absent: list[tuple[str, str]], people: list[tuple[str, str]]) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # only the data is passed on
        for name, choices in (("absent", absent), ("substitute", people)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices if name == "absent" else [("", "请选择"), *choices]

    def chosen(self) -> tuple[UUID, UUID, UUID]:
        """Department, absent person and substitute. The department is that of the absent person's choice."""
        department, absent = str(self.cleaned_data["absent"]).split(":")
        return UUID(department), UUID(absent), UUID(str(self.cleaned_data["substitute"]).split(":")[1])


@require_http_methods(["GET", "POST"])
def substitutes(request: Request) -> HttpResponse:
    """Substitutions the person is part of or may name, and the form."""
    posts = {
        f"{row.department_id}:{row.user_id}": (row.user.name, row.department_id, row.user_id)
        for row in substituting.colleagues_of(request.actor)
    }
    heads = own_departments(request.actor, P.ORGANIZATIONS_SUBSTITUTE)
    people = [(value, name) for value, (name, _, _) in posts.items()]
    absent = [
        (value, name)
        for value, (name, department, user) in posts.items()
        if user == request.actor.user_id or department in heads
    ]
    form = SubstituteForm(request.POST if request.method == "POST" else None, absent=absent, people=people)
    if request.method == "POST" and form.is_valid():
        department_id, absent_id, substitute_id = form.chosen()
        given = form.cleaned_data
        substituting.name_substitute(
            actor=request.actor,
            department_id=department_id,
            absent_id=absent_id,
            substitute_id=substitute_id,
            since=given["since"],
            until=given["until"],
            reason=given["reason"],
            on=today(),
        )
        messages.success(request, "代理已指定，代理人的每一步都会记明代谁办理")
        return redirect("portal:substitutes")
    page = Paginator(list_substitutions_for(request.actor), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "on": today(), "may_name": bool(absent)}
    return render(request, "portal/substitutes.html", context, status=400 if form.errors else 200)


@require_POST
def end_substitution(request: Request, substitution_id: UUID) -> HttpResponse:
    """A substitution ends before its time."""
    substituting.end(actor=request.actor, substitution_id=substitution_id, on=today())
    messages.success(request, "代理已结束")
    return redirect("portal:substitutes")


@require_GET
def mails(request: Request) -> HttpResponse:
    """Mail that was given up, then mail that waits, for the system administrator."""
    given_up = mailing.list_mail_for(request.actor, waiting=False)
    waiting = mailing.list_mail_for(request.actor, waiting=True)
    context = {
        "given_up": given_up[:PAGE],
        "page": Paginator(waiting, PAGE).get_page(request.GET.get("page")),
        "configured": mailing.configured(),
    }
    return render(request, "portal/mails.html", context)


@require_POST
def retry_mail(request: Request, mail_id: UUID) -> HttpResponse:
    """A mail is tried again at once."""
    mailing.retry_mail(actor=request.actor, mail_id=mail_id)
    messages.success(request, "将立即再试")
    return redirect("portal:mails")
