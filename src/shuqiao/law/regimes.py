"""Which packs bind on a day, and what they say together: the strictest wins, every source is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from shuqiao.kernel import Article
from shuqiao.law.loading import load_packs
from shuqiao.law.types import BasisLevel, OpenType, Pack, ParamValue, RuleText, TermText, TermUnit
from shuqiao.law.vocabulary import RULES, TERMS

# Names only, for a regime in which no text names the open types (the decree does not cover opening).
_OWN_OPEN_TYPE_NAMES: Mapping[OpenType, str] = {
    "unconditional": "无条件开放",
    "conditional": "有条件开放",
    "closed": "不予开放",
}


class UnknownPack(LookupError):
    """A binding or an article names a pack that is not installed."""

    def __init__(self, pack_id: str, known: Iterable[str]) -> None:
        self.pack_id = pack_id
        super().__init__(f"no rule pack {pack_id!r}; installed: {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Binding:
    """A division is bound to a pack. `house_rule`: it goes on applying the pack after it has expired."""

    pack_id: str
    house_rule: bool = False


@dataclass(frozen=True, slots=True)
class TermSource:
    """One text that states a term, whether it is the one applied, and whether only as house rule."""

    article: Article
    title: str
    days: int
    applied: bool
    house_rule: bool

    def to_json(self) -> dict[str, Any]:
        """The form kept with a running term."""
        return {
            "article": str(self.article),
            "title": self.title,
            "days": self.days,
            "applied": self.applied,
            "house_rule": self.house_rule,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TermSource:
        """Read what `to_json` wrote."""
        return cls(
            Article.parse(value["article"]),
            value["title"],
            value["days"],
            value["applied"],
            value["house_rule"],
        )


@dataclass(frozen=True, slots=True)
class ResolvedTerm:
    """How many days a regime gives, which article says so, and which other texts were weighed.

    An extension comes from the texts that grant one (the shortest of them); a text that says nothing
    about extending leaves it to the others.
    """

    term_id: str
    days: int
    unit: TermUnit
    source: Article
    source_title: str
    considered: tuple[TermSource, ...]
    extension_days: int | None = None
    extension_source: Article | None = None
    extension_title: str = ""
    extension_needs: frozenset[str] = frozenset()

    @property
    def house_rule(self) -> bool:
        """The applied text has expired and binds only because the division keeps it."""
        return any(source.applied and source.house_rule for source in self.considered)

    def to_json(self) -> dict[str, Any]:
        """The form kept with a running term: a term keeps the rule it ran under."""
        return {
            "term_id": self.term_id,
            "days": self.days,
            "unit": self.unit.value,
            "source": str(self.source),
            "source_title": self.source_title,
            "considered": [source.to_json() for source in self.considered],
            "extension_days": self.extension_days,
            "extension_source": str(self.extension_source) if self.extension_source else None,
            "extension_title": self.extension_title,
            "extension_needs": sorted(self.extension_needs),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ResolvedTerm:
        """Read what `to_json` wrote."""
        extension = value["extension_source"]
        return cls(
            term_id=value["term_id"],
            days=value["days"],
            unit=TermUnit(value["unit"]),
            source=Article.parse(value["source"]),
            source_title=value["source_title"],
            considered=tuple(TermSource.from_json(source) for source in value["considered"]),
            extension_days=value["extension_days"],
            extension_source=Article.parse(extension) if extension else None,
            extension_title=value["extension_title"],
            extension_needs=frozenset(value["extension_needs"]),
        )


@dataclass(frozen=True, slots=True)
class RuleSource:
    """One text that states a rule, in our words, with the levels of legal basis it accepts."""

    articles: tuple[Article, ...]
    title: str
    statement: str
    note: str
    levels: frozenset[BasisLevel]
    house_rule: bool


@dataclass(frozen=True, slots=True)
class ResolvedRule:
    """What a regime asks under one rule: everything any text needs, only the levels all of them accept."""

    rule_id: str
    needs: frozenset[str]
    levels: frozenset[BasisLevel]
    basis: tuple[Article, ...]
    params: dict[str, ParamValue]
    sources: tuple[RuleSource, ...]

    @property
    def house_rule(self) -> bool:
        """At least one of the texts behind this rule binds only as house rule."""
        return any(source.house_rule for source in self.sources)

    def accepts(self, level: BasisLevel) -> bool:
        """A legal basis of this level satisfies every text; also when no text asks for a level."""
        return not self.levels or level in self.levels

    def against(self, level: BasisLevel) -> tuple[RuleSource, ...]:
        """The texts that do not accept a basis of this level: what a refusal cites."""
        return tuple(source for source in self.sources if source.levels and level not in source.levels)


@dataclass(frozen=True, slots=True)
class Regime:
    """The texts that bind a division on a day, in the order of its bindings.

    `packs` apply (in force, or kept as house rule); `expired` are out of force, whether kept or not;
    `upcoming` are bound but not yet in force; `house_rules` are the ids of those that are kept.
    """

    on: date
    packs: tuple[Pack, ...]
    expired: tuple[Pack, ...]
    upcoming: tuple[Pack, ...]
    house_rules: frozenset[str]

    def term(self, term_id: str) -> ResolvedTerm | None:
        """The shortest of the terms stated; None when no text in force states one.

        Of two equal terms the one of the earlier binding applies. Raises LookupError on an unknown id.
        """
        if term_id not in TERMS:
            raise LookupError(f"unknown term {term_id!r}; known: {', '.join(TERMS)}")
        stated = [(pack, pack.terms[term_id]) for pack in self.packs if not pack.terms[term_id].silent]
        if not stated:
            return None
        best_pack, best = min(stated, key=lambda pair: pair[1].days or 0)
        source, days = _article(best), best.days or 0
        extension = self._extension(stated)
        return ResolvedTerm(
            term_id=term_id,
            days=days,
            unit=best.unit,
            source=source,
            source_title=self.title_of(source),
            considered=tuple(self._source(pack, text, pack is best_pack) for pack, text in stated),
            extension_days=extension.extension_days if extension else None,
            extension_source=extension.extension_article if extension else None,
            extension_title=_title(extension),
            extension_needs=extension.extension_needs if extension else frozenset(),
        )

    def rule(self, rule_id: str) -> ResolvedRule | None:
        """What the texts ask together; None when no text in force states the rule.

        Needs add up, accepted levels shrink to the common ones, of each parameter the strictest value
        counts. Raises LookupError on an unknown id.
        """
        if rule_id not in RULES:
            raise LookupError(f"unknown rule {rule_id!r}; known: {', '.join(RULES)}")
        stated = [(pack, pack.rules[rule_id]) for pack in self.packs if not pack.rules[rule_id].silent]
        if not stated:
            return None
        texts = [text for _, text in stated]
        limiting = [text.levels for text in texts if text.levels]
        return ResolvedRule(
            rule_id=rule_id,
            needs=frozenset[str]().union(*(text.needs for text in texts)),
            levels=frozenset.intersection(*limiting) if limiting else frozenset(),
            basis=tuple(article for text in texts for article in text.articles),
            params=_strictest_params(rule_id, texts),
            sources=tuple(
                RuleSource(
                    articles=text.articles,
                    title=pack.titles_of(article.number for article in text.articles),
                    statement=text.statement,
                    note=text.note,
                    levels=text.levels,
                    house_rule=pack.id in self.house_rules,
                )
                for pack, text in stated
            ),
        )

    @property
    def open_type_names(self) -> dict[OpenType, str]:
        """What the open types are called here: by the first applying text that names them, else by an
        expired one, else in the platform's own words (a name binds nobody)."""
        for pack in (*self.packs, *self.expired):
            if pack.open_type_names:
                return dict(pack.open_type_names)
        return dict(_OWN_OPEN_TYPE_NAMES)

    def title_of(self, article: Article) -> str:
        """How screens cite the article: "营口办法 第二十条"."""
        return article_title(article)

    def summary_of(self, article: Article) -> str:
        """The article in our own words."""
        return article_summary(article)

    def _source(self, pack: Pack, text: TermText, applied: bool) -> TermSource:
        article = _article(text)
        return TermSource(
            article, self.title_of(article), text.days or 0, applied, pack.id in self.house_rules
        )

    @staticmethod
    def _extension(stated: Sequence[tuple[Pack, TermText]]) -> TermText | None:
        granting = [text for _, text in stated if text.extension_days is not None]
        return min(granting, key=lambda text: text.extension_days or 0, default=None)


def regime_of(bindings: Sequence[Binding], on: date) -> Regime:
    """The regime of a division on a day. Raises UnknownPack, and ValueError on a pack bound twice."""
    packs = load_packs()
    ids = [binding.pack_id for binding in bindings]
    if len(set(ids)) != len(ids):
        raise ValueError(f"a pack is bound twice: {ids}")
    applying, expired, upcoming, house_rules = [], [], [], set()
    for binding in bindings:
        pack = _pack(packs, binding.pack_id)
        if pack.in_force(on):
            applying.append(pack)
        elif pack.expired(on):
            expired.append(pack)
            if binding.house_rule:
                applying.append(pack)
                house_rules.add(pack.id)
        else:
            upcoming.append(pack)
    return Regime(on, tuple(applying), tuple(expired), tuple(upcoming), frozenset(house_rules))


def article_title(article: Article) -> str:
    """How screens cite the article: "营口办法 第二十条". Raises LookupError when there is no such article."""
    return _pack(load_packs(), article.pack).title_of(article.number)


def article_titles(articles: Iterable[Article]) -> str:
    """Several as one text cites them: "营口办法 第二十条、沈阳条例 第二十条"; empty for none."""
    return "、".join(article_title(article) for article in articles)


def article_summary(article: Article) -> str:
    """The article in our own words. Raises LookupError when there is no such article."""
    return _pack(load_packs(), article.pack).article(article.number).summary


@lru_cache(maxsize=1024)
def cited(article: Article) -> Mapping[str, str]:
    """The article as a problem answer shows it: reference, title, summary in our own words."""
    try:
        return {"article": str(article), "title": article_title(article), "summary": article_summary(article)}
    except LookupError:  # a pack that this installation does not carry: the reference still stands
        return {"article": str(article), "title": str(article), "summary": ""}


def _pack(packs: Mapping[str, Pack], pack_id: str) -> Pack:
    if pack_id not in packs:
        raise UnknownPack(pack_id, packs)
    return packs[pack_id]


def _article(text: TermText) -> Article:
    if text.article is None:  # the loader demands one of every stated term
        raise ValueError(f"{text.term_id} is stated without an article")
    return text.article


def _title(text: TermText | None) -> str:
    return article_title(text.extension_article) if text and text.extension_article else ""


def _strictest_params(rule_id: str, texts: Sequence[RuleText]) -> dict[str, ParamValue]:
    found: dict[str, ParamValue] = {}
    for name, order in RULES[rule_id].params.items():
        values = [text.params[name] for text in texts if name in text.params]
        if values:
            found[name] = order.strictest(values)
    moot = [name for name, (other, value) in RULES[rule_id].moot.items() if found.get(other) == value]
    return {name: value for name, value in found.items() if name not in moot}
