"""The law as data: rule packs, regimes, working days, running terms, coverage of articles by tests.

Owns the texts' numbers and articles (never their wording). Does not decide a case: the rules of the apps
do, from what a `Regime` tells them. Pure Python; no database, clock or setting.
"""

from shuqiao.law.calendar import (
    DueDate,
    WorkCalendar,
    YearNotice,
    default_calendar,
    install_notices,
    published_calendar,
    read_notice,
)
from shuqiao.law.loading import NOT_ANSWERED, PackError, load_packs, parse_pack, use_packs_of
from shuqiao.law.notice_lines import notice_from_lines
from shuqiao.law.regimes import (
    Binding,
    Regime,
    ResolvedRule,
    ResolvedTerm,
    RuleSource,
    TermSource,
    UnknownPack,
    article_summary,
    article_title,
    article_titles,
    cited,
    regime_of,
)
from shuqiao.law.terms import ClockColour, ClockState, Extension, Pause, RunningTerm
from shuqiao.law.types import (
    ArticleKind,
    BasisLevel,
    OpenType,
    Pack,
    PackArticle,
    RuleText,
    TermText,
    TermUnit,
    number_in_words,
)
from shuqiao.law.vocabulary import NEEDS, PRIORITY_DOMAINS, RULES, TERMS

__all__ = [
    "NEEDS",
    "NOT_ANSWERED",
    "PRIORITY_DOMAINS",
    "RULES",
    "TERMS",
    "ArticleKind",
    "BasisLevel",
    "Binding",
    "ClockColour",
    "ClockState",
    "DueDate",
    "Extension",
    "OpenType",
    "Pack",
    "PackArticle",
    "PackError",
    "Pause",
    "Regime",
    "ResolvedRule",
    "ResolvedTerm",
    "RuleSource",
    "RuleText",
    "RunningTerm",
    "TermSource",
    "TermText",
    "TermUnit",
    "UnknownPack",
    "WorkCalendar",
    "YearNotice",
    "article_summary",
    "article_title",
    "article_titles",
    "cited",
    "default_calendar",
    "install_notices",
    "load_packs",
    "notice_from_lines",
    "number_in_words",
    "parse_pack",
    "published_calendar",
    "read_notice",
    "regime_of",
    "use_packs_of",
]
