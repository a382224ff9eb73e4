"""Steps of logging in. The only code that writes users and login failures."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from shuqiao.accounts.models import LoginFailure, User
from shuqiao.kernel import InvalidInput

# Common practice under graded protection level 3: five failures, then fifteen minutes of rest.
FAILURES_ALLOWED = 5
FAILURES_FROM_ONE_ADDRESS = 50
REST = timedelta(minutes=15)


@transaction.atomic
def create_user(
    *, username: str, name: str, password: str | None, phone: str = "", password_hash: str = ""
) -> User:
    """A person gets an account. `password_hash`: a hash made elsewhere by Django's hashers, instead of a password."""
    if password_hash:
        return User.objects.create(username=username, name=name, phone=phone, password=password_hash)
    return User.objects.create_user(username, password, name=name, phone=phone)


@transaction.atomic
def change_email(*, user_id: UUID, email: str) -> User:
    """A person's address for mail from the platform; empty: none. Raises InvalidInput when it is no address."""
    address = email.strip()
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise InvalidInput.one("电子邮箱", "不是有效的电子邮箱地址") from None
    user = User.objects.select_for_update().get(id=user_id)
    user.email = address
    user.save(update_fields=["email"])
    return user


def may_try_login(*, username: str, address: str | None, at: datetime) -> bool:
    """Whether this account, and this address, still has a try: too many failures close both for a while."""
    recent = LoginFailure.objects.filter(at__gt=at - REST)
    if recent.filter(username=username[:64]).count() >= FAILURES_ALLOWED:
        return False
    return not address or recent.filter(address=address).count() < FAILURES_FROM_ONE_ADDRESS


@transaction.atomic
def record_login_failure(*, username: str, address: str | None, at: datetime) -> None:
    """Remember one refused login; forget those that no longer count."""
    LoginFailure.objects.filter(at__lt=at - 4 * REST).delete()
    LoginFailure.objects.create(username=username[:64], address=address or None, at=at)


@transaction.atomic
def forget_login_failures(*, username: str) -> None:
    """A good login clears the account's failures."""
    LoginFailure.objects.filter(username=username[:64]).delete()
