"""What a legal-basis chip says and opens: an article of a rule pack, or a citation in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shuqiao import law
from shuqiao.kernel import Article

LEVELS = tuple(level.label for level in law.BasisLevel)


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One chip. `opens`: there is a summary to show in place; a citation in plain words has none."""

    title: str
    label: str = "依据"
    note: str = ""
    weak: bool = False
    expired: bool = False
    end: bool = False
    opens: bool = False
    code: str = ""
    full_title: str = ""
    level: str = ""
    levels: tuple[str, ...] = ()
    summary: str = ""
    in_force_from: date | None = None
    in_force_until: date | None = None


def view_of(
    basis: Article | str,
    *,
    label: str = "依据",
    note: str = "",
    weak: bool = False,
    expired: bool = False,
    end: bool = False,
) -> ArticleView:
    """The chip of an article, of its text form `pack:number`, or of a citation in plain words.

    `weak`: its level does not suffice here. `expired`: its pack goes on as house rule. `end`: opens to the left.
    """
    said = note or ("层级不足" if weak else "已失效，作内部规则" if expired else "")
    article = _article(basis)
    if article is None:
        return ArticleView(str(basis), label, said, weak, expired, end)
    title = law.article_title(article)
    pack = law.load_packs()[article.pack]
    return ArticleView(
        title=title,
        label=label,
        note=said,
        weak=weak,
        expired=expired,
        end=end,
        opens=True,
        code=str(article),
        full_title=f"{pack.title}　{title.split(' ', 1)[-1]}",
        level=pack.level.label,
        levels=LEVELS,
        summary=law.article_summary(article),
        in_force_from=pack.in_force_from,
        in_force_until=pack.in_force_until,
    )


def views_of(articles: Iterable[Article | str]) -> list[ArticleView]:
    """Chips of several articles."""
    return [view_of(article) for article in articles]


def _article(basis: Article | str) -> Article | None:
    """The article meant, when its pack is known; None for plain words."""
    if isinstance(basis, Article):
        return basis
    pack, colon, number = basis.partition(":")
    return Article(pack, number) if colon and number and pack in law.load_packs() else None
