"""The two files of a written reply say the same, and look like an official document."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn

from shuqiao.kernel import NotFound
from shuqiao.opening.replies import docx, pdf
from shuqiao.opening.replies.words import Reply

REPLY = Reply(
    "沈阳市市场监督管理局",
    "沈数开〔2026〕0012号",
    "龘靐科技有限公司",
    ("你单位于2026年3月2日提出的申请收悉。", "一、不同意开放所申请的数据。" + "理由很长。" * 200),
    date(2026, 12, 31),
)


@pytest.mark.article("shenyang-2020", "26")
def test_the_word_document_is_on_official_paper():
    document = Document(BytesIO(docx.document_of(REPLY)))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.top_margin.mm), round(section.left_margin.mm)) == (
        210,
        37,
        28,
    )
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == REPLY.authority
    assert REPLY.number in texts
    assert texts[-2:] == ["沈阳市市场监督管理局（盖章）", "二〇二六年十二月三十一日"]
    run = document.paragraphs[0].runs[0]
    assert run.font.size.pt == 22
    assert run._element.rPr.rFonts.get(qn("w:eastAsia")) == "宋体"
    assert document.core_properties.author == REPLY.authority


@pytest.mark.article("shenyang-2020", "26")
def test_the_pdf_carries_its_font_and_every_word():
    if pdf.font() is None:
        pytest.skip("no Chinese font on this machine")
    made = pdf.document_of(REPLY)
    assert b"/FontFile" in made, "the font is embedded"
    document = pypdfium2.PdfDocument(made)
    assert len(document) > 1
    read = "".join(document[page].get_textpage().get_text_range() for page in range(len(document)))
    flat = "".join(read.split())
    for words in (
        REPLY.authority,
        REPLY.number,
        "龘靐科技有限公司",
        "理由很长。" * 200,
        "二〇二六年十二月三十一日",
    ):
        assert words in flat
    width, height = document[0].get_size()
    assert (round(width), round(height)) == (595, 842)
    document.close()


def test_without_a_font_there_is_no_pdf(monkeypatch):
    monkeypatch.setattr(pdf, "font", lambda: None)
    with pytest.raises(NotFound, match="SHUQIAO_DOCUMENT_FONT"):
        pdf.document_of(REPLY)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 1, 1), "二〇二六年一月一日"),
        (date(2030, 10, 20), "二〇三〇年十月二十日"),
        (date(2027, 11, 12), "二〇二七年十一月十二日"),
    ],
)
def test_days_as_documents_sign_them(day, words):
    assert Reply("局", "号", "人", (), day).signed_in_words == words


def test_words_are_frozen_whole():
    assert Reply.from_json(REPLY.to_json()) == REPLY
