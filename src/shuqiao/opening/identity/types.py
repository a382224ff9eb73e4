"""What a sign-in by the identity service is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from shuqiao.kernel import InvalidInput, Problem, ShuqiaoError
from shuqiao.organizations.identities import Known

WHERE = "统一身份认证"


class ServiceDown(ShuqiaoError):
    """The identity service does not answer, or answers nonsense. The page says so; the log says why."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__("统一身份认证服务暂时不可用，请稍后再试，或者用注册邮箱登录")


class NotProved(InvalidInput):
    """The service's answer does not prove who somebody is. `why` is for the log."""

    def __init__(self, why: str, said: str = "身份没有通过核验，没有登录。请重新开始") -> None:
        self.why = why
        super().__init__([Problem(WHERE, said)])


@dataclass(frozen=True, slots=True)
class Begun:
    """One sign-in on its way: what the answer must carry. Kept in the session of the browser that began it."""

    state: str
    nonce: str
    verifier: str

    def as_dict(self) -> dict[str, str]:
        """For the session."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the service says it is. `email` is empty unless the service has verified it, `credit_code` unless it is
    one by its check digit."""

    issuer: str
    subject: str
    name: str = ""
    legal_name: str = ""
    credit_code: str = ""
    email: str = ""

    @property
    def known(self) -> Known:
        """What the registration is found by."""
        return Known(self.issuer, self.subject)

    @property
    def is_body(self) -> bool:
        """Whether it is the account of a legal person or another organisation."""
        return bool(self.credit_code)

    @property
    def shown(self) -> str:
        """Who it is, for the person to recognise."""
        return self.legal_name or self.name or f"用户标识尾号 {self.subject[-4:]}"

    def as_dict(self) -> dict[str, str]:
        """For the session."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, str]) -> Identity:
        """Out of the session."""
        return cls(**kept)
