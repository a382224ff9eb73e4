"""The four packs say what the texts say: dates, levels, articles, kinds, terms, in our own words."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from shuqiao import law
from shuqiao.kernel import Article
from shuqiao.law import BasisLevel

PACKS = law.load_packs()
_RUN = 16


@pytest.mark.article("yingkou-2022", "40")
@pytest.mark.article("shenyang-2020", "38")
@pytest.mark.article("dongchangfu-2020", "33")
@pytest.mark.article("national-2025", "44")
@pytest.mark.parametrize(
    ("pack_id", "articles", "level", "first", "last"),
    [
        ("yingkou-2022", 40, BasisLevel.NORMATIVE, date(2022, 6, 10), None),
        ("shenyang-2020", 38, BasisLevel.LOCAL_REGULATION, date(2020, 10, 1), None),
        ("dongchangfu-2020", 33, BasisLevel.NORMATIVE, date(2020, 11, 1), date(2022, 10, 31)),
        ("national-2025", 44, BasisLevel.ADMINISTRATIVE_REGULATION, date(2025, 8, 1), None),
    ],
)
def test_a_pack_has_every_article_its_level_and_its_days(pack_id, articles, level, first, last):
    pack = PACKS[pack_id]
    assert list(pack.articles) == [str(number) for number in range(1, articles + 1)]
    assert (pack.level, pack.in_force_from, pack.in_force_until) == (level, first, last)
    assert not pack.in_force(date.fromordinal(first.toordinal() - 1))
    assert pack.in_force(first)
    if last is not None:
        assert pack.in_force(last)
        assert not pack.in_force(date.fromordinal(last.toordinal() + 1))


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.id)
def test_a_pack_answers_every_term_and_every_rule(pack):
    assert list(pack.terms) == list(law.TERMS)
    assert list(pack.rules) == list(law.RULES)
    for text in (*pack.terms.values(), *pack.rules.values()):
        assert not text.silent or text.note


def test_silence_is_said_with_its_article():
    assert PACKS["shenyang-2020"].terms["catalog.update"].article == Article("shenyang-2020", "12")
    reply = PACKS["dongchangfu-2020"].terms["sharing.reply.conditional"]
    assert reply.silent
    assert reply.article == Article("dongchangfu-2020", "20")
    assert "第二十条" in reply.note


def test_articles_are_cited_in_chinese():
    assert law.article_title(Article("yingkou-2022", "20")) == "营口办法 第二十条"
    assert law.article_title(Article("shenyang-2020", "10")) == "沈阳条例 第十条"
    assert law.article_title(Article("dongchangfu-2020", "33")) == "东昌府办法 第三十三条"
    assert law.article_title(Article("national-2025", "17(2)")) == "政务数据共享条例 第十七条第二款"
    assert law.article_title(Article("national-2025", "9")) == "政务数据共享条例 第九条"
    assert PACKS["national-2025"].shorter_title == "条例"
    assert "五个工作日" in law.article_summary(Article("yingkou-2022", "20"))


@pytest.mark.parametrize("number", ["0", "41", "二十", "20(", ""])
def test_an_article_that_does_not_exist_is_an_error(number):
    with pytest.raises(LookupError):
        law.article_title(Article("yingkou-2022", number))


def test_an_unknown_pack_is_an_error_that_names_it():
    with pytest.raises(law.UnknownPack, match="atlantis-1999"):
        law.article_title(Article("atlantis-1999", "1"))


def _beside(shared_data: Path, name: str) -> Path:
    path = shared_data.parent / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the real data")
    return path


@pytest.mark.shared_data
@pytest.mark.parametrize("pack_id", PACKS)
def test_summaries_and_statements_are_our_own_words(pack_id, shared_data):
    """No run of 16 or more characters is shared with the text, whatever punctuation stands between."""
    [path] = _beside(shared_data, "regulations").glob(f"{pack_id}.*")
    text = "".join(re.findall(r"[一-鿿]", path.read_text(encoding="utf-8")))
    runs = {text[start : start + _RUN] for start in range(len(text) - _RUN + 1)}
    assert len(runs) > 3000, "the text itself must have been read"
    pack = PACKS[pack_id]
    ours = [article.summary for article in pack.articles.values()]
    ours += [text for rule in pack.rules.values() for text in (rule.statement, rule.note)]
    ours += [text for term in pack.terms.values() for text in (term.counted_from, term.note)]
    for sentence in ours:
        words = "".join(re.findall(r"[一-鿿]", sentence))
        shared = [
            words[at : at + _RUN] for at in range(len(words) - _RUN + 1) if words[at : at + _RUN] in runs
        ]
        assert not shared, sentence


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("pack_id", "heading"),
    [
        ("yingkou-2022", "## Yingkou"),
        ("shenyang-2020", "## Shenyang"),
        ("dongchangfu-2020", "## Dongchangfu"),
    ],
)
def test_the_kinds_are_those_of_the_requirements(pack_id, heading, shared_data):
    requirements = _beside(shared_data, "requirements.md").read_text(encoding="utf-8")
    section = requirements[requirements.index(heading) :].split("\n## ")[0]
    wanted: dict[str, str] = {}
    for numbers, kind in re.findall(r"^\| ([\d–, ]+) \| ([SRD]) \|", section, flags=re.M):
        for part in numbers.split(","):
            first, _, last = part.strip().partition("–")
            wanted |= {str(number): kind for number in range(int(first), int(last or first) + 1)}
    assert {number: article.kind.value for number, article in PACKS[pack_id].articles.items()} == wanted
