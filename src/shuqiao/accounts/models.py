"""Users and the failures of their logins."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from shuqiao.kernel.ids import new_id


class UserManager(BaseUserManager["User"]):
    """Django's hook for making users."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A user with a hashed password; no password means nobody can log in with it."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who logs in. Where the person works, and as what, is in organizations."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField("账号", max_length=64, unique=True)
    name = models.CharField("姓名", max_length=64)
    phone = models.CharField("联系电话", max_length=32, blank=True)
    email = models.EmailField("电子邮箱", max_length=254, blank=True)
    is_active = models.BooleanField("在用", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return f"{self.name}（{self.username}）"


class LoginFailure(models.Model):
    """One refused login, kept to slow down guessing (GB/T 22239-2019, CES1-02)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["username", "at"]), models.Index(fields=["address", "at"])]

    def __str__(self) -> str:
        return f"{self.username} {self.at:%F %T}"
