"""The same reply as PDF, with its font embedded, so that it reads the same everywhere and without a network."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from shuqiao.kernel import NotFound
from shuqiao.opening.replies.words import TITLE, Reply

if TYPE_CHECKING:
    from fpdf import FPDF

MEDIA_TYPE = "application/pdf"
# Families with all the characters of GB 18030 level 1 and 2 that systems commonly carry, the first found is taken.
NAMES = (
    "NotoSerifCJK-Regular.ttc", "NotoSerifCJKsc-Regular.otf", "NotoSerifSC-Regular.otf", "SourceHanSerifSC-Regular.otf",
    "simfang.ttf", "simsun.ttc", "Songti.ttc", "uming.ttc", "NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc",
)  # fmt: skip
FACES = ("SC", "CN")
TOP, BOTTOM, LEFT, RIGHT = 37.0, 35.0, 28.0, 26.0
TITLE_SIZE, TEXT_SIZE, LINE = 22, 16, 10.21
RED = (192, 0, 0)
CLOSING = "，。、；：？！）》」』】〕”’"


def folders() -> list[Path]:
    """Where systems keep fonts."""
    data = os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":")
    windows = [Path(os.environ["WINDIR"]) / "Fonts"] if "WINDIR" in os.environ else []
    apple = [Path("/System/Library/Fonts"), Path("/Library/Fonts")]
    return [
        *(Path(one) / "fonts" for one in data if one),
        Path.home() / ".local/share/fonts",
        *windows,
        *apple,
    ]


@cache
def font() -> tuple[Path, int] | None:
    """The font for documents and the number of its face: SHUQIAO_DOCUMENT_FONT, or one found on the system."""
    if settings.DOCUMENT_FONT:
        return _face(Path(settings.DOCUMENT_FONT))
    found = {
        path.name: path for folder in folders() if folder.is_dir() for path in folder.rglob("*.[ot]t[cf]")
    }
    return next((_face(found[name]) for name in NAMES if name in found), None)


def _face(path: Path) -> tuple[Path, int]:
    """Of a collection the face for simplified Chinese."""
    if path.suffix.lower() != ".ttc":
        return path, 0
    from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]

    with TTCollection(str(path), lazy=True) as faces:
        names = [str(face["name"].getDebugName(4) or "").split() for face in faces]
    return path, next((place for place, words in enumerate(names) if set(words) & set(FACES)), 0)


def document_of(reply: Reply) -> bytes:
    """The bytes of the document. Raises NotFound when this machine has no Chinese font."""
    from fpdf import FPDF

    found = font()
    if found is None:
        raise NotFound("排版用的中文字体（管理员可用 SHUQIAO_DOCUMENT_FONT 指定）")
    pdf = FPDF(format="A4")
    pdf.set_margins(LEFT, TOP, RIGHT)
    pdf.set_auto_page_break(True, BOTTOM)
    pdf.add_font("text", fname=found[0], collection_font_number=found[1])
    pdf.set_creation_date(datetime.combine(reply.signed_on, datetime.min.time(), UTC))
    pdf.set_title(f"{TITLE} {reply.number}")
    pdf.set_author(reply.authority)
    pdf.set_lang("zh-CN")
    pdf.add_page()
    pdf.set_text_color(*RED)
    _line(pdf, reply.authority, size=TITLE_SIZE, align="C")
    pdf.set_text_color(0, 0, 0)
    _line(pdf, TITLE, size=TITLE_SIZE, align="C")
    _line(pdf, reply.number, align="C")
    pdf.ln(LINE)
    _line(pdf, f"{reply.addressee}：")
    for text in reply.paragraphs:
        _line(pdf, f"　　{text}")
    if pdf.will_page_break(2 * LINE):
        pdf.add_page()  # who signs and the day stay together
    elif not pdf.will_page_break(4 * LINE):
        pdf.ln(2 * LINE)
    _line(pdf, f"{reply.authority}（盖章）", align="R")
    _line(pdf, reply.signed_in_words, align="R")
    return bytes(pdf.output())


def _line(pdf: FPDF, text: str, *, size: int = TEXT_SIZE, align: str = "L") -> None:
    pdf.set_font("text", size=size)
    height = LINE * size / TEXT_SIZE
    for line in wrapped(pdf, text):
        pdf.cell(0, height, line, align=align, new_x="LMARGIN", new_y="NEXT")


def wrapped(pdf: FPDF, text: str) -> list[str]:
    """The text in lines of the page's width. No line begins with a closing mark: the character before goes with it."""
    lines, line = [], ""
    for char in text:
        if line and pdf.get_string_width(line + char) > pdf.epw - 2 * pdf.c_margin:
            kept = len(line.rstrip(CLOSING)) - 1 if char in CLOSING else len(line)
            kept = kept if kept > 0 else len(line)
            lines.append(line[:kept])
            line = line[kept:]
        line += char
    return [*lines, line]
