"""What the four texts say, as read from the texts and written down here by hand: every term with its days and its
article, every rule with its articles. The packs must say the same and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shuqiao import law

PACKS = law.load_packs()
Y, S, D, N = "yingkou-2022", "shenyang-2020", "dongchangfu-2020", "national-2025"

# Term → (days, article, days more, what these need). Every unit is the working day; what is not here is silent.
TERMS: dict[str, dict[str, tuple[int, str, int | None, set[str]]]] = {
    Y: {
        "catalog.update": (10, "15", None, set()),
        "sharing.reply.conditional": (5, "20", None, set()),
        "verification.reply": (5, "23", None, set()),
        "opening.correction": (5, "23", None, set()),
        "opening.reply": (10, "29", None, set()),
    },
    S: {
        "sharing.reply.conditional": (5, "20", None, set()),
        "opening.reply": (15, "26", None, set()),
    },
    D: {"catalog.update": (15, "16", None, set())},
    N: {
        "catalog.update": (10, "17", 5, {"authority_consent"}),
        "catalog.review": (2, "17", None, set()),
        "sharing.reply.unconditional": (1, "21", None, set()),
        "sharing.reply.conditional": (10, "21", 10, {"authority_consent", "requester_notice"}),
        "sharing.delivery": (20, "22", None, set()),
        "verification.reply": (10, "26", None, set()),
        "verification.correction": (10, "26", None, set()),
    },
}

# Rule → the articles of Yingkou, Shenyang, Dongchangfu and the Decree that state it; "" where the text is silent.
RULES: dict[str, tuple[str, str, str, str]] = {
    "organizations.filing": ("7", "", "", ""),
    "organizations.sharing_body": ("7", "", "", "11"),
    "organizations.participants": ("39", "37", "", ""),
    "catalog.bureau_review": ("11 12", "12", "15", "16 17"),
    "catalog.update.triggers": ("15", "", "16", "17"),
    "catalog.none.basis": ("17", "18", "19", "14 15"),
    "catalog.conditional.basis": ("", "", "19", "15"),
    "catalog.secret.refused": ("", "", "2", "3"),
    "catalog.metadata.required": ("14", "", "14", "13"),
    "catalog.base_items.unconditional": ("19", "19", "", ""),
    "catalog.quarterly": ("15", "", "", ""),
    "catalog.sign_off": ("", "", "", "13"),
    "catalog.theme": ("12 19", "", "", ""),
    "catalog.duplicates": ("", "", "15", ""),
    "catalog.one_source": ("", "", "17", "19"),
    "catalog.emergency": ("", "", "17", ""),
    "collecting.no_repeat": ("", "14", "17", "19"),
    "sharing.by_default": ("17", "17", "19", ""),
    "sharing.free": ("4", "6", "19", ""),
    "sharing.platform": ("8", "7 17", "18", "31 32"),
    "sharing.modes": ("", "", "19 20", "22"),
    "sharing.no_own_conditions": ("", "", "", "15"),
    "sharing.request.content": ("", "", "", "20"),
    "sharing.reply.sign_off": ("", "", "", "20"),
    "sharing.refusal.basis": ("20", "20", "19", "15 21"),
    "sharing.one_notice": ("", "", "", "21"),
    "sharing.scope.not_wider": ("20 22", "20 23", "", "25"),
    "sharing.onward_transfer": ("22", "23", "", "25"),
    "sharing.purpose_bound": ("22", "23", "", "25"),
    "sharing.unconditional.direct": ("20", "20", "20", "20 21"),
    "sharing.dispute": ("27", "21", "", "28"),
    "sharing.demand": ("4", "6", "", ""),
    "sharing.outside": ("", "", "20", ""),
    "sharing.emergency": ("33", "", "", ""),
    "sharing.return_flow": ("", "", "", "24"),
    "delivery.end.filing": ("", "", "", "27"),
    "delivery.misuse.suspend": ("", "", "", "27"),
    "delivery.disposal": ("", "", "", "27"),
    "delivery.use.report": ("", "", "", ""),
    "verification.request": ("23", "", "", "26"),
    "verification.answer": ("23", "", "", "26"),
    "verification.citizen": ("23", "", "", ""),
    "resources.recheck": ("18", "", "", ""),
    "resources.quality": ("21", "16", "16", "16 18 19"),
    "opening.unconditional.no_login": ("29", "25", "24", ""),
    "opening.secrecy_check": ("28", "", "21 28", ""),
    "opening.basis.public": ("30", "27", "22", ""),
    "opening.priority": ("31", "28", "", ""),
    "opening.lists": ("", "", "23", ""),
    "opening.application": ("29", "26", "25", ""),
    "opening.refusal.reason": ("29", "26", "25", ""),
    "opening.written_reply": ("", "26", "", ""),
    "opening.research": ("", "", "25", ""),
    "opening.commercial": ("", "", "25", ""),
    "opening.use": ("", "", "25", ""),
    "opening.citation": ("", "", "25", ""),
    "opening.correction": ("23", "", "", "26"),
    "opening.demand": ("4", "6", "21", ""),
    "opening.works": ("", "", "26", ""),
    "evidence.use_log": ("22", "", "", "29"),
    "evidence.paper_equal": ("24", "22", "", ""),
    "services.no_resubmission": ("25", "22", "", ""),
    "systems.interfaces": ("9", "10 11", "11", ""),
    "systems.keep_data": ("26", "13", "", ""),
    "planning.development": ("", "", "9 10", ""),
    "oversight.evaluation": ("36", "8", "6 29", "29 38"),
    "oversight.rectification": ("37", "34", "31", "39 40 41"),
    "security.safeguard": ("34", "31", "28", "35"),
    "security.duties": ("34", "30 31", "27 28", "34 35"),
    "security.monitoring": ("34", "32", "", "35"),
    "security.backup": ("34", "", "", ""),
    "security.drills": ("33 34", "31", "", ""),
    "security.incident": ("35", "33", "", "35"),
    "security.contractors": ("", "", "", "36"),
    "security.complaints": ("", "", "", "37"),
    "security.aggregation": ("", "", "", "25"),
}

# Pack and rule → the parameters the text sets.
PARAMS: dict[tuple[str, str], dict[str, object]] = {
    (Y, "catalog.base_items.unconditional"): {
        "domains": ("population", "legal_person", "natural_geography", "e_certificate")
    },
    (Y, "catalog.quarterly"): {"every_months": 3},
    (Y, "catalog.update.triggers"): {"triggers": ("law", "duty", "system", "other")},
    (Y, "sharing.onward_transfer"): {
        "transfer": "with_consent",
        "consent_of": ("provider", "data_subject"),
    },
    (Y, "sharing.purpose_bound"): {"other_use": "with_consent"},
    (Y, "sharing.unconditional.direct"): {"request": "none"},
    (Y, "sharing.dispute"): {"steps": ("bureau",)},
    (Y, "resources.quality"): {
        "qualities": ("true", "accurate", "complete", "usable", "timely", "consistent")
    },
    (Y, "opening.priority"): {"domains": tuple(law.PRIORITY_DOMAINS)},
    (S, "catalog.base_items.unconditional"): {
        "domains": ("population", "legal_person", "natural_geography", "e_certificate")
    },
    (S, "sharing.onward_transfer"): {"transfer": "never"},
    (S, "sharing.purpose_bound"): {"other_use": "never"},
    (S, "sharing.unconditional.direct"): {"request": "none"},
    (S, "sharing.dispute"): {"steps": ("bureau",)},
    (S, "resources.quality"): {"qualities": ("accurate", "complete", "usable", "timely", "consistent")},
    (S, "opening.priority"): {"domains": tuple(law.PRIORITY_DOMAINS)},
    (D, "catalog.secret.refused"): {"marks": ("state_secret", "information_disclosure")},
    (D, "catalog.update.triggers"): {"triggers": ("law", "duty", "system", "other")},
    (D, "sharing.unconditional.direct"): {"request": "none"},
    (D, "resources.quality"): {"qualities": ("true", "accurate", "complete")},
    (D, "opening.application"): {
        "purposes": ("innovation", "governance", "service", "research", "commercial")
    },
    (D, "opening.research"): {"use": "public_benefit"},
    (D, "opening.commercial"): {"selection": "open_competition"},
    (N, "catalog.secret.refused"): {"marks": ("state_secret", "work_secret")},
    (N, "catalog.update.triggers"): {"triggers": ("law", "duty")},
    (N, "sharing.modes"): {"modes": ("interface", "batch", "file")},
    (N, "sharing.onward_transfer"): {"transfer": "with_consent", "consent_of": ("provider",)},
    (N, "sharing.purpose_bound"): {"other_use": "with_consent"},
    (N, "sharing.unconditional.direct"): {"request": "logged"},
    (N, "sharing.dispute"): {"steps": ("negotiation", "bureau", "common_superior", "government")},
    (N, "resources.quality"): {"qualities": ("accurate", "complete", "usable", "timely")},
    (N, "evidence.use_log"): {"keep_years": 3},
}

# What a no or a restriction rests on: laws, regulations and rules; under the Decree only the three highest.
_UP_TO_RULES = {
    "law",
    "administrative_regulation",
    "state_council_decision",
    "local_regulation",
    "rule",
}
_DECREE = {"law", "administrative_regulation", "state_council_decision"}
LEVELS = {
    (Y, "catalog.none.basis"): _UP_TO_RULES,
    (Y, "sharing.refusal.basis"): _UP_TO_RULES,
    (S, "catalog.none.basis"): _UP_TO_RULES,
    (S, "sharing.refusal.basis"): _UP_TO_RULES,
    (D, "catalog.none.basis"): _UP_TO_RULES,
    (D, "catalog.conditional.basis"): _UP_TO_RULES,
    (D, "sharing.refusal.basis"): _UP_TO_RULES,
    (N, "catalog.none.basis"): _DECREE,
    (N, "sharing.refusal.basis"): _DECREE,
}

# What must be written, done or there.
NEEDS = {
    (
        Y,
        "catalog.metadata.required",
    ): "classification responsible_party format update_cycle sharing_type open_type "
    "sharing_method opening_method summary data_items contact",
    (
        N,
        "catalog.metadata.required",
    ): "name data_items provider format update_cycle sharing_type sharing_method use_conditions grading",
    (N, "catalog.sign_off"): "department_head_consent secrecy_assessment personal_information_assessment",
    (N, "catalog.conditional.basis"): "sharing_scope permitted_use",
    (D, "catalog.conditional.basis"): "reason basis",
    (Y, "catalog.none.basis"): "basis",
    (S, "catalog.none.basis"): "basis",
    (D, "catalog.none.basis"): "reason basis",
    (N, "catalog.none.basis"): "reason basis",
    (N, "sharing.request.content"): "legal_basis scenario scope mode use_until requester_sign_off",
    (N, "sharing.reply.sign_off"): "provider_sign_off",
    (N, "sharing.one_notice"): "everything_missing_at_once",
    (D, "sharing.outside"): "scenario safeguards agreement",
    (N, "delivery.end.filing"): "reason negotiation filing",
    (N, "delivery.misuse.suspend"): "suspension rectification",
    (N, "evidence.use_log"): "scenario use_process use_effect storage disposal",
    (Y, "opening.basis.public"): "basis publication",
    (S, "opening.basis.public"): "basis publication",
    (D, "opening.basis.public"): "basis",
    (D, "opening.lists"): "publication",
    (S, "oversight.evaluation"): "publication",
    (Y, "organizations.filing"): "leader contact",
}


@pytest.mark.parametrize("pack_id", [Y, S, D, N])
def test_the_terms_are_those_of_the_text(pack_id):
    pack = PACKS[pack_id]
    found = {
        name: (term.days, term.article.number, term.extension_days, set(term.extension_needs))
        for name, term in pack.terms.items()
        if not term.silent
    }
    assert found == TERMS[pack_id]
    for name, term in pack.terms.items():
        assert term.unit is law.TermUnit.WORKDAY, name
        assert term.extension_article is None or term.extension_article.number == term.article.number


@pytest.mark.parametrize(("column", "pack_id"), list(enumerate([Y, S, D, N])))
def test_the_rules_are_those_of_the_text(column, pack_id):
    assert set(RULES) == set(law.RULES)
    found = {
        name: set() if rule.silent else {article.number for article in rule.articles}
        for name, rule in PACKS[pack_id].rules.items()
    }
    assert found == {name: set(articles[column].split()) for name, articles in RULES.items()}


def test_what_a_rule_sets_is_what_the_text_sets():
    rules = {(pack.id, name): rule for pack in PACKS.values() for name, rule in pack.rules.items()}
    assert {key: dict(rule.params) for key, rule in rules.items() if rule.params} == PARAMS
    assert {key: set(rule.levels) for key, rule in rules.items() if rule.levels} == LEVELS
    assert {key: set(rules[key].needs) for key in NEEDS} == {k: set(v.split()) for k, v in NEEDS.items()}


def test_the_open_types_are_named_as_in_the_texts():
    names = {pack: tuple(PACKS[pack].open_type_names.values()) for pack in PACKS}
    assert names == {
        Y: ("无条件开放", "依申请开放", "不予开放"),
        S: ("无条件开放", "依申请开放", "不予开放"),
        D: ("无条件开放", "有条件开放", "不予开放"),
        N: (),
    }


_HEAD = re.compile(r"^[\s\-*]*第([一二三四五六七八九十]+)条", re.M)
_DAYS = re.compile(r"([0-9]+|[一二三四五六七八九十]+)个工作日")
_OTHER_UNITS = re.compile(r"[0-9一二三四五六七八九十]+个?(日|天|月|小时)[之以]?内")


def _articles_of(shared_data: Path, pack_id: str) -> dict[int, str]:
    """The text of each article, without spaces."""
    folder = shared_data.parent / "regulations"
    if not folder.exists():
        pytest.skip("the texts are not beside the real data")
    [path] = folder.glob(f"{pack_id}.*")
    text = path.read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {
        _number(head[1]): re.sub(r"\s", "", text[head.end() : end])
        for head, end in zip(heads, ends, strict=True)
    }


def _number(word: str) -> int:
    if word.isdigit():
        return int(word)
    tens, found, ones = word.rpartition("十")
    digits = "零一二三四五六七八九"
    return (digits.index(tens or "一") * 10 if found else 0) + (digits.index(ones) if ones else 0)


@pytest.mark.shared_data
@pytest.mark.parametrize("pack_id", [Y, S, D, N])
def test_every_number_of_days_in_the_text_is_a_term_of_the_pack(pack_id, shared_data):
    articles = _articles_of(shared_data, pack_id)
    assert list(articles) == [int(number) for number in PACKS[pack_id].articles]
    in_text = {(number, _number(days)) for number, text in articles.items() for days in _DAYS.findall(text)}
    in_pack: set[tuple[int, int]] = set()
    for term in PACKS[pack_id].terms.values():
        for days, article in ((term.days, term.article), (term.extension_days, term.extension_article)):
            if days is not None and article is not None:
                in_pack.add((int(article.number), days))
    assert in_pack == in_text
    assert not any(_OTHER_UNITS.search(text) for text in articles.values()), "no term in other units"


@pytest.mark.shared_data
def test_the_other_numbers_of_the_texts_are_in_the_packs(shared_data):
    years = re.compile(r"([0-9一二三四五六七八九十]+)年")
    decree = {n: years.findall(text) for n, text in _articles_of(shared_data, N).items() if n < 44}
    assert {n: found for n, found in decree.items() if found} == {29: ["3"]}
    last = _articles_of(shared_data, D)[33]
    assert "有效期2年" in last
    pack = PACKS[D]
    assert (pack.in_force_until.year - pack.in_force_from.year) == 2
    quarterly = [n for n, text in _articles_of(shared_data, Y).items() if "每季度" in text]
    assert quarterly == [int(article.number) for article in PACKS[Y].rules["catalog.quarterly"].articles]


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.id)
def test_every_system_article_is_behind_a_term_or_a_rule_or_named_here(pack):
    cited = {
        article.number
        for texts in (pack.terms.values(), pack.rules.values())
        for text in texts
        if not text.silent
        for article in (getattr(text, "articles", None) or (getattr(text, "article", None),))
        if article is not None
    }
    bare = {
        number
        for number, article in pack.articles.items()
        if article.kind is law.ArticleKind.SYSTEM and number not in cited
    }
    assert bare == BARE[pack.id]


# System articles that define, name the authorities, or say how people work: the system is built by them, and they set
# nothing that one pack could set otherwise than another.
BARE: dict[str, set[str]] = {
    Y: {"3", "6", "13", "16"},
    S: {"4", "5", "24"},
    D: {"5", "7", "12", "13", "33"},
    N: {"2", "12"},
}
