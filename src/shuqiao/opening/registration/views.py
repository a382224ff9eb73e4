"""Pages of registering and of one's own data."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from shuqiao.accounts.access import Request, address_of, public
from shuqiao.kernel.time import now
from shuqiao.opening.identity import sessions
from shuqiao.opening.registration import forms, services
from shuqiao.organizations.limits import Limit, spend
from shuqiao.organizations.types import LinkPurpose, PartyKind

REGISTER_FROM_ADDRESS = Limit("register-address", 10, timedelta(hours=1))
MAIL_TO = Limit("mail-to", 5, timedelta(hours=1))
MAIL_FROM_ADDRESS = Limit("mail-address", 20, timedelta(hours=1))
LINKS_FROM_ADDRESS = Limit("links-address", 60, timedelta(hours=1))
PASSWORD_TRIES = Limit("own-password", 10, timedelta(minutes=15))
_form = require_http_methods(["GET", "HEAD", "POST"])


@public
@_form
def register(request: Request) -> HttpResponse:
    """Kind, name, address, password. The answer is the same whether the address is known or not."""
    form = forms.RegisterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        at, address = now(), address_of(request)
        spend([(REGISTER_FROM_ADDRESS, address), (MAIL_TO, form.cleaned_data["email"])], at=at)
        if not form.cleaned_data["website"]:
            services.register(given=form.given(), at=at)
        return redirect("opening:mail-sent")
    return render(
        request, "opening/registration/register.html", {"form": form}, status=400 if form.errors else 200
    )


@public
@require_http_methods(["GET", "HEAD"])
def mail_sent(request: Request) -> HttpResponse:
    """Look into your mailbox."""
    return render(request, "opening/registration/mail_sent.html")


def _by_email(request: Request, template: str, step: object) -> HttpResponse:
    form = forms.EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        at, email = now(), form.cleaned_data["email"]
        spend([(MAIL_FROM_ADDRESS, address_of(request)), (MAIL_TO, email)], at=at)
        step(email=email, at=at)  # type: ignore[operator]
        return redirect("opening:mail-sent")
    return render(request, template, {"form": form}, status=400 if form.errors else 200)


@public
@_form
def resend(request: Request) -> HttpResponse:
    """Another verification link."""
    return _by_email(request, "opening/registration/resend.html", services.resend)


@public
@_form
def forgotten(request: Request) -> HttpResponse:
    """A link to set a new password."""
    return _by_email(request, "opening/registration/forgotten.html", services.forgot_password)


@public
@_form
def verify(request: Request) -> HttpResponse:
    """The link in the mail. Opening it shows a button: programs that look at mail open links, and press none."""
    token, at = request.GET.get("t", "")[:400], now()
    spend([(LINKS_FROM_ADDRESS, address_of(request))], at=at)
    services.party_of_link(token, LinkPurpose.VERIFY, at)
    if request.method == "POST":
        services.verify(token=token, at=at)
        messages.success(request, "邮箱已核验，请登录。")
        return redirect("accounts:login")
    return render(request, "opening/registration/confirm.html", {"title": "核验邮箱"})


@public
@_form
def confirm_email(request: Request) -> HttpResponse:
    """The link to the new address."""
    token, at = request.GET.get("t", "")[:400], now()
    spend([(LINKS_FROM_ADDRESS, address_of(request))], at=at)
    services.party_of_link(token, LinkPurpose.CHANGE, at)
    if request.method == "POST":
        services.confirm_new_email(token=token, at=at)
        messages.success(request, "邮箱已更换，今后用新邮箱登录。")
        return redirect("opening:account" if request.user_signed_in else "accounts:login")
    return render(request, "opening/registration/confirm.html", {"title": "更换邮箱"})


@public
@_form
def set_password(request: Request) -> HttpResponse:
    """A new password, by the link in the mail."""
    token, at = request.GET.get("t", "")[:400], now()
    spend([(LINKS_FROM_ADDRESS, address_of(request))], at=at)
    services.party_of_link(token, LinkPurpose.RESET, at)
    form = forms.NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.set_password(token=token, password=form.cleaned_data["password"], at=at)
        messages.success(request, "密码已重设，请登录。")
        return redirect("accounts:login")
    return render(
        request, "opening/registration/set_password.html", {"form": form}, status=400 if form.errors else 200
    )


@_form
def account(request: Request) -> HttpResponse:
    """One's own data: what is kept, and corrected here."""
    party = services.own_party(request.actor)
    form = forms.OwnDataForm(
        request.POST if request.method == "POST" else None,
        initial={"name": party.name, "contact": party.contact, "phone": party.phone},
        person=party.kind == PartyKind.PERSON,
    )
    if request.method == "POST" and form.is_valid():
        given = {"contact": "", "phone": "", **form.cleaned_data}
        services.change_data(actor=request.actor, at=now(), **given)
        messages.success(request, "已保存。")
        return redirect("opening:account")
    return render(
        request,
        "opening/registration/account.html",
        {"party": party, "form": form},
        status=400 if form.errors else 200,
    )


@_form
def new_email(request: Request) -> HttpResponse:
    """Another address."""
    party = services.own_party(request.actor)
    proved = sessions.just_proved(request, at=now())
    form = forms.NewEmailForm(request.POST if request.method == "POST" else None, proved=proved)
    if request.method == "POST" and form.is_valid():
        at = now()
        spend([(PASSWORD_TRIES, str(party.id)), (MAIL_TO, form.cleaned_data["email"])], at=at)
        services.ask_new_email(actor=request.actor, proved=proved, at=at, **form.cleaned_data)
        return redirect("opening:mail-sent")
    context = {"form": form, "party": party}
    return render(request, "opening/registration/new_email.html", context, status=400 if form.errors else 200)


@_form
def close(request: Request) -> HttpResponse:
    """The end of a registration."""
    party = services.own_party(request.actor)
    proved = sessions.just_proved(request, at=now())
    form = forms.CloseForm(request.POST if request.method == "POST" else None, proved=proved)
    if request.method == "POST" and form.is_valid():
        at = now()
        spend([(PASSWORD_TRIES, str(party.id))], at=at)
        services.close(actor=request.actor, proved=proved, at=at, **form.cleaned_data)
        logout(request)
        messages.success(request, "注册已注销，个人信息已删除。")
        return redirect("opening:home")
    context = {"form": form, "party": party, "waiting": services.running_cases(party)}
    return render(request, "opening/registration/close.html", context, status=400 if form.errors else 200)
