"""Which articles a refusal rests on: looked up in the rule packs that the book's rows name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from shuqiao.kernel import Article
from shuqiao.law import Binding, load_packs, regime_of

SCOPE = "sharing.scope.not_wider"
SUSPENDED = "delivery.misuse.suspend"
ENDED = "delivery.end.filing"
EVIDENCE = "evidence.use_log"
SAFEGUARD = "security.safeguard"


def articles_of(rule: str, named: Iterable[str], on: date) -> tuple[Article, ...]:
    """The articles that state `rule` in the packs of `named` articles ("pack:number") on a day.

    A pack that has expired still counts: the control plane names it only where it goes on applying. Empty
    when no pack states the rule.
    """
    packs = tuple(dict.fromkeys(Article.parse(text).pack for text in named))
    return _articles(rule, packs, on)


@lru_cache(maxsize=1024)
def _articles(rule: str, packs: tuple[str, ...], on: date) -> tuple[Article, ...]:
    known = load_packs()
    regime = regime_of([Binding(pack, house_rule=True) for pack in packs if pack in known], on)
    resolved = regime.rule(rule)
    return resolved.basis if resolved else ()
