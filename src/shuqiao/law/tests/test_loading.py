"""A pack that cannot be right does not load; the error names file, key and reason."""

from __future__ import annotations

import pytest

from shuqiao import law


def pack_text() -> str:
    """The smallest pack that loads: two articles, one term and one rule stated, the rest silent."""
    lines = [
        'id = "tiny-2020"',
        'title = "小办法"',
        'short_title = "小"',
        'issuer = "某市"',
        'level = "normative"',
        "in_force_from = 2020-01-01",
        "articles = [",
        '  { number = 1, kind = "D", summary = "目的。" },',
        '  { number = 2, kind = "S", summary = "做法。" },',
        "]",
        "[[terms]]",
        'id = "catalog.update"',
        'article = "2"',
        "days = 3",
        'unit = "workday"',
        'from = "变化之日"',
        "[[rules]]",
        'id = "sharing.onward_transfer"',
        'articles = ["2"]',
        'needs = ["reason"]',
        'levels = ["law", "rule"]',
        'params = { transfer = "never" }',
        'statement = "不得转。"',
    ]
    for key, known, stated in (
        ("terms", law.TERMS, "catalog.update"),
        ("rules", law.RULES, "sharing.onward_transfer"),
    ):
        for name in known:
            if name != stated:
                lines += [f"[[{key}]]", f'id = "{name}"', "silent = true", 'note = "没有规定。"']
    return "\n".join(lines) + "\n"


def test_the_smallest_pack_loads():
    pack = law.parse_pack(pack_text(), file="tiny.toml")
    assert pack.terms["catalog.update"].days == 3
    assert pack.rules["sharing.onward_transfer"].params == {"transfer": "never"}
    assert pack.shorter_title == "小"


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('title = "小办法"', 'titel = "小办法"', "title", "missing"),
        ('issuer = "某市"', 'issuer = "某市"\ncolour = "red"', "colour", "unknown key"),
        ('level = "normative"', 'level = "decree"', "level", "unknown level 'decree'"),
        ("in_force_from = 2020-01-01", 'in_force_from = "soon"', "in_force_from", "want a date"),
        ("in_force_from = 2020-01-01", "in_force_from = 2020-01-01T08:00:00", "in_force_from", "want a date"),
        ("in_force_from = 2020-01-01", "in_force_from = 2020-02-30", "(file)", "not TOML"),
        (
            "in_force_from = 2020-01-01",
            "in_force_from = 2020-01-01\nin_force_until = 2019-12-31",
            "in_force_until",
            "lies before",
        ),
        ("number = 2", "number = 3", "articles", "article [2] is missing"),
        ("number = 2", "number = 1", "articles[1].number", "there twice"),
        ("number = 2", 'number = "2"', "articles[2].number", "want a whole number"),
        ("number = 2", "number = true", "articles[True].number", "want a whole number"),
        ('kind = "S"', 'kind = "X"', "articles[2].kind", "want S, R or D"),
        ('summary = "做法。"', 'summary = ""', "articles[2].summary", "is empty"),
        ('article = "2"', 'article = "9"', "terms[catalog.update].article", "article 9 does not exist"),
        ('article = "2"', 'article = "two"', "terms[catalog.update].article", "not an article number"),
        ("days = 3", "days = 0", "terms[catalog.update].days", "at least 1 day"),
        ("days = 3", "days = 3\nextension_days = 2", "terms[catalog.update].extension_article", "missing"),
        (
            "days = 3",
            'days = 3\nextension_days = 2\nextension_article = "7"',
            "terms[catalog.update].extension_article",
            "article 7 does not exist",
        ),
        ('unit = "workday"', 'unit = "moon"', "terms[catalog.update].unit", "unknown unit"),
        ('id = "catalog.update"', 'id = "catalog.updating"', "terms[catalog.updating].id", "unknown id"),
        ('id = "catalog.update"', 'id = "catalog.review"', "terms[catalog.review].id", "there twice"),
        (
            'id = "sharing.onward_transfer"',
            'id = "sharing.telepathy"',
            "rules[sharing.telepathy].id",
            "unknown id",
        ),
        (
            'articles = ["2"]',
            "articles = []",
            "rules[sharing.onward_transfer].articles",
            "at least one article",
        ),
        ('articles = ["2"]', 'articles = ["2", "2"]', "rules[sharing.onward_transfer].articles", "twice"),
        (
            'needs = ["reason"]',
            'needs = ["gold"]',
            "rules[sharing.onward_transfer].needs",
            "unknown need 'gold'",
        ),
        (
            'levels = ["law", "rule"]',
            'levels = ["rule"]',
            "rules[sharing.onward_transfer].levels",
            "contains law",
        ),
        ('"never"', '"maybe"', "rules[sharing.onward_transfer].params.transfer", "want one of never"),
        ("{ transfer", "{ transfre", "rules[sharing.onward_transfer].params.transfre", "unknown key"),
        ('statement = "不得转。"', "", "rules[sharing.onward_transfer].statement", "missing"),
    ],
)
def test_what_cannot_be_right_is_refused_with_file_key_and_reason(old, new, key, reason):
    text = pack_text()
    assert text.count(old) == 1
    with pytest.raises(law.PackError) as caught:
        law.parse_pack(text.replace(old, new), file="tiny.toml")
    assert caught.value.file == "tiny.toml"
    assert caught.value.key == key
    assert reason in caught.value.reason
    assert str(caught.value) == f"tiny.toml: {key}: {caught.value.reason}"


def test_a_rule_without_an_entry_is_refused():
    text = pack_text()
    entry = '[[rules]]\nid = "evidence.use_log"\nsilent = true\nnote = "没有规定。"\n'
    with pytest.raises(law.PackError, match=r"rules: no entry for evidence\.use_log"):
        law.parse_pack(text.replace(entry, ""), file="tiny.toml")


def test_silence_without_a_note_is_refused():
    text = pack_text()
    entry = 'id = "evidence.use_log"\nsilent = true\nnote = "没有规定。"\n'
    silent = entry.replace('note = "没有规定。"\n', "")
    with pytest.raises(law.PackError, match=r"evidence\.use_log\]\.note"):
        law.parse_pack(text.replace(entry, silent), file="tiny.toml")


def test_a_silent_entry_cannot_also_set_days():
    text = pack_text().replace('id = "catalog.review"\n', 'id = "catalog.review"\ndays = 4\n')
    with pytest.raises(law.PackError, match=r"catalog\.review\]\.days: unknown key"):
        law.parse_pack(text, file="tiny.toml")


def test_a_parameter_list_takes_only_known_different_words():
    text = pack_text().replace('id = "sharing.onward_transfer"', 'id = "catalog.secret.refused"', 1)
    text = text.replace('[[rules]]\nid = "catalog.secret.refused"\nsilent = true\nnote = "没有规定。"\n', "")
    text += '[[rules]]\nid = "sharing.onward_transfer"\nsilent = true\nnote = "没有规定。"\n'
    good = text.replace('{ transfer = "never" }', '{ marks = ["state_secret"] }')
    assert law.parse_pack(good, file="t").rules["catalog.secret.refused"].params == {
        "marks": ("state_secret",)
    }
    for bad in ('["gossip"]', '["state_secret", "state_secret"]', "[]", '"state_secret"'):
        with pytest.raises(law.PackError, match=r"params\.marks"):
            law.parse_pack(good.replace('["state_secret"]', bad), file="t")


def test_a_number_parameter_is_a_positive_whole_number():
    entry = '[[rules]]\nid = "evidence.use_log"\nsilent = true\nnote = "没有规定。"\n'
    stated = (
        '[[rules]]\nid = "evidence.use_log"\narticles = ["2"]\n'
        'statement = "留痕。"\nparams = { keep_years = %s }\n'
    )
    good = law.parse_pack(pack_text().replace(entry, stated % "3"), file="t")
    assert good.rules["evidence.use_log"].params == {"keep_years": 3}
    for bad in ("0", "true", '"3"', "1.5"):
        with pytest.raises(law.PackError, match=r"params\.keep_years: want a positive whole number"):
            law.parse_pack(pack_text().replace(entry, stated % bad), file="t")
