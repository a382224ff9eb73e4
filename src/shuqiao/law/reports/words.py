"""How a term or a rule is put into one line of Chinese, whether a text or a regime says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shuqiao.law.regimes import Regime, ResolvedRule, ResolvedTerm
from shuqiao.law.types import BasisLevel, OpenType, Pack, ParamValue, RuleText, TermText
from shuqiao.law.vocabulary import NEEDS, PRIORITY_DOMAINS, RULES, TERMS

SILENT = "未规定"
_PARAM_WORDS: Mapping[str, str] = {
    "marks": "排除",
    "domains": "范围",
    "every_months": "间隔月数",
    "most_days": "最多天数",
    "transfer": "转给第三方",
    "consent_of": "由谁同意",
    "other_use": "另作他用",
    "request": "申请",
    "keep_years": "保存年数",
    "state_secret": "国家秘密",
    "work_secret": "工作秘密",
    "information_disclosure": "政府信息公开",
    "population": "人口",
    "legal_person": "法人",
    "natural_geography": "自然资源和空间地理",
    "e_certificate": "电子证照",
    "never": "一律不得",
    "with_consent": "经同意",
    "provider": "提供部门",
    "data_subject": "当事人",
    "logged": "自动同意并记录",
    "none": "不需要",
    "steps": "步骤",
    "negotiation": "协商",
    "bureau": "主管部门",
    "common_superior": "共同上级主管部门",
    "government": "本级人民政府",
    "purposes": "用途",
    "innovation": "创新应用",
    "governance": "城市治理",
    "service": "社会服务",
    "research": "科研",
    "commercial": "商业开发",
    "use": "利用",
    "public_benefit": "限于公益",
    "selection": "选定方式",
    "open_competition": "公开竞争",
    "modes": "方式",
    "interface": "服务接口",
    "batch": "批量交换",
    "file": "文件下载",
    "triggers": "情形",
    "law": "法律法规等依据变化",
    "duty": "职能变化",
    "system": "信息系统更新",
    "other": "其他变化",
    "qualities": "要求",
    "true": "真实",
    "accurate": "准确",
    "complete": "完整",
    "usable": "可用",
    "timely": "及时",
    "consistent": "与本部门所掌握的一致",
    **PRIORITY_DOMAINS,
}
OPEN_TYPE_WORDS: Mapping[OpenType, str] = {
    "unconditional": "完全开放的一类",
    "conditional": "附条件开放的一类",
    "closed": "不开放的一类",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What is asked (`substance`) and who says so (`source`); both empty when nobody asks."""

    substance: str
    source: str

    def __str__(self) -> str:
        if not self.substance:
            return SILENT
        return f"{self.substance}（{self.source}）" if self.source else self.substance


@dataclass(frozen=True, slots=True)
class Face:
    """A pack or a regime, line by line."""

    label: str
    names: Mapping[str, Line]
    terms: Mapping[str, Line]
    rules: Mapping[str, Line]


def face_of(subject: Pack | Regime) -> Face:
    """Every name, term and rule of a pack or a regime as lines."""
    if isinstance(subject, Pack):
        return Face(
            subject.short_title,
            _names(subject.open_type_names),
            {name: _term_text(subject, subject.terms[name]) for name in TERMS},
            {name: _rule_text(subject, subject.rules[name]) for name in RULES},
        )
    titles = "＋".join(pack.short_title for pack in subject.packs) or "没有有效的规则包"
    return Face(
        f"{titles}，{subject.on}",
        _names(subject.open_type_names),
        {name: _resolved_term(subject.term(name)) for name in TERMS},
        {name: _resolved_rule(subject.rule(name)) for name in RULES},
    )


def levels_in_words(levels: Iterable[BasisLevel]) -> str:
    """Accepted levels from the highest down."""
    kept = set(levels)
    return "、".join(level.label for level in BasisLevel if level in kept)


def substance(needs: Iterable[str], levels: Iterable[BasisLevel], params: Mapping[str, ParamValue]) -> str:
    """What a rule asks, in the words of the vocabulary."""
    wanted = set(needs)
    parts = []
    if wanted:
        parts.append("要求：" + "、".join(word for key, word in NEEDS.items() if key in wanted))
    if any(True for _ in levels):
        parts.append("依据限于：" + levels_in_words(levels))
    parts += [f"{_PARAM_WORDS[name]}：{_value(value)}" for name, value in params.items()]
    return "；".join(parts)


def _value(value: ParamValue) -> str:
    words = value if isinstance(value, tuple) else (value,)
    return "、".join(str(word) if isinstance(word, int) else _PARAM_WORDS[word] for word in words)


def _names(names: Mapping[OpenType, str]) -> dict[str, Line]:
    return {key: Line(names.get(key, ""), "") for key in OPEN_TYPE_WORDS}


def _days(days: int, unit: str, extension: int | None, needs: Iterable[str]) -> str:
    text = f"{days} {unit}"
    if extension is None:
        return text
    wanted = set(needs)
    condition = "、".join(word for key, word in NEEDS.items() if key in wanted)
    return f"{text}，可延 {extension} {unit}" + (f"（须{condition}）" if condition else "")


def _term_text(pack: Pack, text: TermText) -> Line:
    if text.days is None or text.article is None:
        return Line("", "")
    days = _days(text.days, text.unit.label, text.extension_days, text.extension_needs)
    return Line(days, pack.title_of(text.article.number))


def _rule_text(pack: Pack, text: RuleText) -> Line:
    if text.silent:
        return Line("", "")
    source = pack.titles_of(article.number for article in text.articles)
    return Line(substance(text.needs, text.levels, text.params) or text.statement, source)


def _resolved_term(term: ResolvedTerm | None) -> Line:
    if term is None:
        return Line("", "")
    days = _days(term.days, term.unit.label, term.extension_days, term.extension_needs)
    source = term.source_title + ("，自定规则" if term.house_rule else "")
    extended_by_another = term.extension_source is not None and term.extension_source != term.source
    return Line(days, f"{source}；延期依{term.extension_title}" if extended_by_another else source)


def _resolved_rule(rule: ResolvedRule | None) -> Line:
    if rule is None:
        return Line("", "")
    asked = substance(rule.needs, rule.levels, rule.params)
    titles = "；".join(s.title + ("，自定规则" if s.house_rule else "") for s in rule.sources)
    return Line(asked or "；".join(s.statement for s in rule.sources), titles)
