"""Each tag renders its markup; what people typed is escaped; nonsense is an error, not an empty place."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import mark_safe

from shuqiao.kernel import Article, Problem
from shuqiao.kernel.decision import refuse
from shuqiao.portal.ring import Clock

REPLY = Article("yingkou-2022", "20")


def render(text: str, **context: object) -> str:
    return Template("{% load shuqiao %}" + text).render(Context(context))


def test_a_chip_opens_the_summary_in_place():
    html = render("{% basis a %}", a=REPLY)
    assert "<details" in html
    assert "营口办法 第二十条" in html
    assert '<li aria-current="true">规范性文件</li>' in html
    assert "2022年6月10日起施行" in html
    assert render("{% basis a %}", a="yingkou-2022:20") == html


def test_a_citation_in_plain_words_does_not_open_and_is_escaped():
    html = render("{% basis a %}", a="统计法 第二十八条 <script>")
    assert "<details" not in html
    assert "统计法 第二十八条 &lt;script&gt;" in html


def test_an_article_that_does_not_exist_is_an_error():
    with pytest.raises(LookupError):
        render("{% basis a %}", a=Article("yingkou-2022", "99"))


@pytest.mark.parametrize(
    ("flag", "css", "words"), [("weak", "weak", "层级不足"), ("expired", "expired", "内部规则")]
)
def test_a_chip_says_why_it_does_not_carry(flag, css, words):
    html = render("{% basis a " + flag + "=True %}", a=REPLY)
    assert f"sq-basis--{css}" in html
    assert words in html


def test_a_clock_has_a_chinese_name_and_words():
    html = render(
        "{% clock c on %}", c=Clock(total=5, left=2, due_on=date(2026, 11, 25)), on=date(2026, 11, 23)
    )
    assert 'role="img" aria-label="剩余 2 个工作日，共 5 个"' in html
    assert "<b>剩 2 个工作日</b>" in html
    assert "11月25日 周三" in html
    assert 'stroke-dasharray="17.4 2.6 17.4 62.6"' in html


def test_a_clock_reads_plain_data_and_knows_its_sizes():
    assert 'r="20.5"' in render("{% clock c size='sm' %}", c={"total": 5, "left": 4})
    assert "个工作日</small>" in render("{% clock c size='lg' %}", c={"total": 5, "left": 4})
    with pytest.raises(ValueError, match="huge"):
        render("{% clock c size='huge' %}", c={"total": 5})


def test_markup_kept_of_one_clock_or_chip_is_not_taken_for_typed_text():
    """Equal words, once marked as markup and once typed by a person."""
    for kept, tag in ((lambda note: Clock(total=5, left=2, note=note), "clock"), (str, "basis")):
        shown = [render(f"{{% {tag} x %}}", x=kept(note)) for note in (mark_safe("<i>甲</i>"), "<i>甲</i>")]
        assert "&lt;i&gt;" in shown[1], tag


def test_a_chain_links_only_what_has_an_address():
    html = render(
        "{% chain s %}",
        s=[{"text": "营口办法", "state": "done", "url": "/law/"}, {"text": "<b>", "state": "now"}],
    )
    assert '<a href="/law/">' in html
    assert html.count("<a ") == 1
    assert '<li class="is-now" aria-current="step">' in html
    assert "&lt;b&gt;" in html
    assert html.count("<li") == 7


def test_a_small_chain_names_its_place():
    assert 'aria-label="进度：期限"' in render('{% chain "done done now act" mini=True %}')


def test_a_seal_has_four_characters():
    assert 'aria-label="准予共享"' in render('{% seal "准予共享" %}')
    with pytest.raises(ValueError, match="four"):
        render('{% seal "准予" %}')


def test_the_timeline_seals_official_acts_and_dots_the_rest():
    html = render(
        "{% timeline events %}",
        events=[
            {"title": "提出申请", "when": date(2026, 3, 2), "count": "收到，不计"},
            {"title": "同意", "when": date(2026, 3, 9), "seal": "同意共享", "basis": [REPLY]},
            {"title": "提醒", "when": "2027年2月6日", "next": True},
        ],
    )
    assert '<time datetime="2026-03-02">3月2日<small>收到，不计</small></time>' in html
    assert html.count("sq-seal--sm") == 1
    assert 'class="is-next"' in html
    assert "营口办法 第二十条" in html


def test_a_receipt_carries_facts_code_and_qr():
    data = {
        "facts": [("使用部门", "甲局"), {"label": "编号", "value": "gw1", "code": True}],
        "seal": "交付存证",
    }
    html = render("{% receipt data %}", data={**data, "address": "https://x.example/receipts/gw1"})
    assert "<dt>使用部门</dt><dd>甲局</dd>" in html
    assert "<code>gw1</code>" in html
    assert 'aria-label="核验二维码"' in html
    assert 'aria-label="平台印记：交付存证"' in html
    assert "核验二维码" not in render("{% receipt data %}", data=data)


def test_a_refusal_shows_rule_reason_basis_and_way_out():
    decision = refuse("sharing.refusal.basis", "缺少<依据>", REPLY)
    html = render(
        "{% refusal d can='补充依据' actions=ways %}", d=decision, ways=[{"label": "去补充", "url": "/x/"}]
    )
    for part in (
        "sharing.refusal.basis",
        "缺少&lt;依据&gt;",
        "营口办法 第二十条",
        "规范性文件",
        "补充依据",
        'href="/x/"',
    ):
        assert part in html
    assert render("{% refusal d %}", d=decision.as_json()) == render("{% refusal d %}", d=decision)


def test_states_attributes_and_tags_are_closed_lists():
    assert render('{% state "在用" "jade" %}') == '<span class="sq-state sq-state--jade">在用</span>'
    assert render('{% attr "conditional" %}') == '<span class="sq-attr sq-attr--some">有条件共享</span>'
    assert "不予开放" in render('{% attr "closed" "opening" %}')
    assert "依申请开放" in render('{% attr "conditional" "opening" label="依申请开放" %}')
    assert render("{% tag said %}", said="<i>") == '<span class="sq-tag">&lt;i&gt;</span>'
    with pytest.raises(ValueError, match="pink"):
        render('{% state "在用" "pink" %}')
    with pytest.raises(KeyError):
        render('{% attr "half" %}')


def test_the_matrix_reads_as_beads_and_answers_with_radios():
    rows = [
        {
            "name": "电话",
            "code": "tel",
            "level": "mask",
            "ask": "full",
            "may": ["mask", "none"],
            "example": "138",
        }
    ]
    read = render("{% scope_matrix rows %}", rows=rows)
    assert re.findall(r'sq-dot--(\w+)"', read) == ["mask"]
    assert "<input" not in read
    answer = render("{% scope_matrix rows editable=True %}", rows=rows)
    assert re.findall(r'name="(.*?)" value="(\w+)"', answer) == [("level-tel", "mask"), ("level-tel", "none")]
    assert re.search(r'value="mask"[^>]* checked>', answer)


def test_no_row_condition_is_said_too():
    assert "全部行" in render("{% rows_in_words c %}", c=[])
    html = render(
        "{% rows_in_words c names %}", c=[{"column": "a", "op": "eq", "values": ["<x>"]}], names={"a": "区划"}
    )
    assert "<i>区划</i> 为“&lt;x&gt;”" in html


class Wrong(forms.Form):
    basis = forms.CharField(label="使用依据", help_text="到条")
    mode = forms.ChoiceField(label="方式", choices=[("a", "接口"), ("b", "批量")], widget=forms.RadioSelect)
    onward = forms.BooleanField(label="第三方", required=False)
    more = forms.CharField(label="说明", required=False)


def test_a_wrong_field_says_so_to_eyes_and_ears():
    html = render("{% field form.basis %}", form=Wrong({}))
    assert 'aria-describedby="id_basis-help id_basis-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="form-control is-invalid"' in html
    assert '<div id="id_basis-error">' in html
    assert '<label class="form-label" for="id_basis">使用依据</label>' in html


def test_a_right_field_says_nothing():
    html = render("{% field form.basis %}", form=Wrong({"basis": "x"}))
    assert "is-invalid" not in html
    assert "aria-invalid" not in html
    assert 'aria-describedby="id_basis-help"' in html


def test_choices_stand_in_a_fieldset_and_optional_fields_say_so():
    html = render("{% field form.mode %}", form=Wrong({"mode": "b"}))
    assert "<fieldset" in html
    assert html.count('type="radio"') == 2
    assert re.search(r'value="b"[^>]*checked', html)
    assert 'class="form-check-input"' in html
    assert "（选填）" in render("{% field form.more %}", form=Wrong())
    assert "form-check" in render("{% field form.onward %}", form=Wrong())


def test_everything_missing_is_named_at_once():
    html = render("{% form_errors form %}", form=Wrong({}))
    assert "还差 2 项" in html
    assert '<a href="#id_basis">使用依据</a>' in html
    assert render("{% form_errors form %}", form=Wrong({"basis": "x", "mode": "a"})).strip() == ""
    assert "有 1 处要改" in render("{% problems p %}", p=[Problem("D17", "不能为空")])


def test_the_pager_keeps_the_search():
    request = RequestFactory().get("/catalog/?q=企业&page=2")
    html = render("{% pager page %}", page=Paginator(range(90), 20).page(2), request=request)
    assert 'aria-current="page">2</a>' in html
    assert "?q=%E4%BC%81%E4%B8%9A&amp;page=3" in html
    assert render("{% pager page %}", page=Paginator(range(9), 20).page(1), request=request).strip() == ""


def test_an_empty_place_offers_the_next_step():
    html = render('{% void "还没有授权" "去申请" "/catalog/" "查找数据" %}')
    assert '<a class="btn btn-primary" href="/catalog/">查找数据</a>' in html
