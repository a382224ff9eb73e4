"""A reply as a Word document, laid out as official documents are (GB/T 9704-2012: A4, margins, sizes of type)."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from shuqiao.opening.replies.words import TITLE, Reply

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BODY, HEADING = "仿宋", "宋体"
# GB/T 9704: type area 156 mm × 225 mm on A4; title size 2 (22 pt), text size 3 (16 pt), 22 lines a page.
TOP, BOTTOM, LEFT, RIGHT = Mm(37), Mm(35), Mm(28), Mm(26)
TITLE_SIZE, TEXT_SIZE, LINE = Pt(22), Pt(16), Pt(28.95)
RED = RGBColor(0xC0, 0x00, 0x00)


def document_of(reply: Reply) -> bytes:
    """The bytes of the document."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.left_margin, section.right_margin = LEFT, RIGHT
    _line(document, reply.authority, size=TITLE_SIZE, font=HEADING, align=WD_ALIGN_PARAGRAPH.CENTER, red=True)
    _line(document, TITLE, size=TITLE_SIZE, font=HEADING, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, reply.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, "")
    _line(document, f"{reply.addressee}：")
    for text in reply.paragraphs:
        _line(document, text, indent=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    for _ in range(2):
        _line(document, "")
    _line(document, f"{reply.authority}（盖章）", align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, reply.signed_in_words, align=WD_ALIGN_PARAGRAPH.RIGHT)
    _describe(document, reply)
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def _line(
    document: DocumentType,
    text: str,
    *,
    size: Pt = TEXT_SIZE,
    font: str = BODY,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    indent: bool = False,
    red: bool = False,
) -> Paragraph:
    paragraph = document.add_paragraph()
    layout = paragraph.paragraph_format
    layout.alignment = align
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    if indent:
        layout.first_line_indent = Pt(2 * TEXT_SIZE.pt)
    run = paragraph.add_run(text)
    run.font.size, run.font.name = size, font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if red:
        run.font.color.rgb = RED
    return paragraph


def _describe(document: DocumentType, reply: Reply) -> None:
    about = document.core_properties
    about.title, about.subject = f"{TITLE} {reply.number}", reply.number
    about.author = about.last_modified_by = reply.authority
    about.comments = ""
    about.created = about.modified = datetime.combine(reply.signed_on, datetime.min.time())
