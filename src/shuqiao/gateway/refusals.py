"""A refusal and its answer: problem JSON (RFC 9457) with rule, reason and the articles it rests on."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from shuqiao.kernel import Article, Decision
from shuqiao.kernel.decision import refuse
from shuqiao.law import cited

CHALLENGE = 'Bearer realm="shuqiao", Signature realm="shuqiao"'
PROBLEM_JSON = b"application/problem+json; charset=utf-8"

TITLES: Mapping[int, str] = {
    400: "请求写得不对",
    401: "需要有效的密钥或签名",
    403: "不在授权之内",
    404: "没有找到",
    405: "这个地址不用这种方法",
    406: "没有这种格式",
    413: "请求正文过大",
    414: "请求地址过长",
    415: "请求正文的格式不对",
    416: "文件没有这一段",
    429: "请求过多",
    431: "请求标头过大",
    499: "客户端已断开",
    500: "网关出错",
    503: "暂时不能提供",
    504: "查询超过时限",
}


class Refused(Exception):
    """The read is not answered: HTTP status, the rule that says no, the reason in words, the articles."""

    def __init__(
        self, status: int, rule: str, reason: str, *basis: Article, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.decision: Decision = refuse(rule, reason, *basis)
        self.headers = dict(headers or {})
        if status == 401:
            self.headers["www-authenticate"] = CHALLENGE
        super().__init__(f"{status} {rule}: {reason}")

    def resting_on(self, basis: tuple[Article, ...]) -> Refused:
        """The same refusal with the articles it rests on, where it names none itself."""
        said = self.decision
        return Refused(self.status, said.rule, said.reason, *(said.basis or basis), headers=self.headers)

    @classmethod
    def later(cls, rule: str, reason: str, *basis: Article, seconds: int, status: int = 429) -> Refused:
        """Too much for now; `seconds` until it makes sense to ask again."""
        return cls(status, rule, reason, *basis, headers={"retry-after": str(seconds)})


def problem(refused: Refused, *, receipt: str) -> bytes:
    """The body of the answer. `receipt` is empty where the refusal is not recorded."""
    decision = refused.decision
    title = TITLES[refused.status]
    return orjson.dumps(
        {
            "type": f"urn:shuqiao:problem:{decision.rule}",
            "title": title,
            "status": refused.status,
            "detail": f"{title}：{decision.reason}",
            "rule": decision.rule,
            "reason": decision.reason,
            "basis": [cited(article) for article in decision.basis],
            "receipt": receipt or None,
        }
    )
