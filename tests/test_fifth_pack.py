"""The how-to for a city's own rule pack is done as it stands: its files written, its commands run, and then a request
in that city gets its term."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from shuqiao import law
from shuqiao.accounts.types import PLATFORM, P
from shuqiao.kernel.ids import new_id
from shuqiao.organizations import queries as organizations
from shuqiao.organizations import services
from shuqiao.organizations.tests.factories import credit_code
from shuqiao.procedures import services as procedures
from shuqiao.procedures.types import CaseKind, CaseRef

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-to" / "add-a-rule-pack.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.S)
COMMANDS = re.compile(r"```sh\n(.*?)```", re.S)


@pytest.fixture
def folder(tmp_path: Path):
    """The files of the page, written; afterwards the packs are again those that come with Shuqiao."""
    files = FILE.findall(PAGE.read_text(encoding="utf-8"))
    assert files
    for name, text in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    yield tmp_path
    law.use_packs_of(None)


def test_the_commands_of_the_page_run_and_say_what_it_says(folder: Path) -> None:
    blocks = COMMANDS.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == 2
    shuqiao = f'shuqiao() {{ "{sys.executable}" -m shuqiao.cli "$@"; }}\nset -e\n'
    ran = subprocess.run(
        ["bash", "-c", shuqiao + "".join(blocks)],
        cwd=folder,
        env=os.environ
        | {
            "SHUQIAO_HOME": str(folder / "home"),
            "PYTHONPATH": str(ROOT / "src"),
            "SHUQIAO_DATABASE_URL": f"sqlite:///{folder / 'control.sqlite3'}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 条，回答了 3 项期限和规则" in ran.stdout
    assert "没有回答：" in ran.stdout
    assert "→ 临海规定 第二条：3 个工作日" in ran.stdout
    assert "临海市已建立" in ran.stdout


def test_a_request_in_that_city_gets_its_term(db: None, folder: Path) -> None:
    law.use_packs_of(folder / "packs")
    division = services.create_division(
        actor=PLATFORM,
        code="331082",
        name="临海市",
        short_name="临海",
        case_prefix="临",
        packs=[law.Binding("linhai-2026"), law.Binding("national-2025")],
    )
    department = services.create_department(
        actor=PLATFORM,
        division=division.code,
        name="临海市市场监督管理局",
        short_name="市市场监管局",
        credit_code=credit_code(1),
    )
    regime = organizations.regime_of("331082", date(2026, 2, 13))
    resolved = regime.term("sharing.reply.conditional")
    assert resolved is not None
    number = procedures.next_case_number(
        kind=CaseKind.SHARING_REQUEST, division="331082", on=date(2026, 2, 13)
    )
    case = CaseRef(CaseKind.SHARING_REQUEST, new_id(), number, "企业登记", "/sharing/")
    term = procedures.open_term(
        case=case, resolved=resolved, received_on=date(2026, 2, 13), department=department
    )
    procedures.assign(
        case=case, department=department, permission=P.SHARING_REQUEST_ANSWER, action="答复", term=term
    )
    assert number.startswith("临数享")
    assert term.due_on == date(2026, 2, 25)  # Saturday 14 is worked in 2026, then Spring Festival until 23
    assert term.clock().rule.source_title == "临海规定 第二条"
    assert [source.days for source in term.clock().rule.considered] == [3, 10]
    assert regime.rule("catalog.quarterly") is None or "linhai" not in str(regime.rule("catalog.quarterly"))
    assert regime.open_type_names["conditional"] == "申请后开放"
    refusal = regime.rule("sharing.refusal.basis")
    assert refusal is not None
    assert {article.pack for article in refusal.basis} == {"linhai-2026", "national-2025"}


def test_a_folder_or_pack_that_cannot_be_right_is_refused(folder: Path) -> None:
    law.use_packs_of(folder / "nowhere")
    with pytest.raises(law.PackError, match="there is no such folder"):
        law.load_packs()
    taken = (ROOT / "src/shuqiao/law/packs/yingkou-2022.toml").read_text(encoding="utf-8")
    (folder / "packs" / "yingkou-2022.toml").write_text(taken, encoding="utf-8")
    law.use_packs_of(folder / "packs")
    with pytest.raises(law.PackError, match="comes with Shuqiao"):
        law.load_packs()
    (folder / "packs" / "yingkou-2022.toml").write_text('id = "a"', encoding="utf-8")
    law.use_packs_of(None)
    law.use_packs_of(folder / "packs")
    with pytest.raises(law.PackError, match="title: is missing"):
        law.load_packs()


def test_an_own_pack_may_be_silent_without_saying_so_but_no_pack_of_ours() -> None:
    text = FILE.findall(PAGE.read_text(encoding="utf-8"))[0][1]
    pack = law.parse_pack(text, file="linhai-2026.toml", whole=False)
    assert pack.terms["catalog.review"].silent
    assert pack.terms["catalog.review"].note == law.NOT_ANSWERED
    with pytest.raises(law.PackError, match="no entry for"):
        law.parse_pack(text, file="linhai-2026.toml")
