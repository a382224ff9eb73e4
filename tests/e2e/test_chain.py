"""The main job, played by five people on real files: from a spreadsheet to a granted row."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import workbooks
from tests.e2e.conftest import Installation, environment
from tests.e2e.program import Program

pytestmark = [pytest.mark.e2e, pytest.mark.shared_data]
SignIn = Callable[..., Page]
LONG = 120_000  # milliseconds: reading and building the largest real file on a busy machine


def import_catalogue(clerk: Page, workbook: Path) -> None:
    """The clerk uploads the workbook, reads the report and imports what is good."""
    clerk.goto("/catalog/import/")
    clerk.set_input_files("input[type=file]", workbook)
    clerk.get_by_role("button", name="上传并检查").click(timeout=LONG, no_wait_after=True)
    expect(clerk.locator("h1")).to_have_text(workbook.name, timeout=LONG)
    expect(clerk.locator(".sq-title p")).to_contain_text("6,593 个资源")
    clerk.get_by_role("button", name=re.compile("导入可导入的")).click(timeout=LONG, no_wait_after=True)
    expect(clerk.get_by_text("已导入").first).to_be_visible(timeout=LONG)


def find_revision(page: Page, title: str) -> None:
    """Open the department's own draft of this title."""
    page.goto(f"/catalog/mine/?q={title}")
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator("h1")).to_have_text(title)


def complete_entry(clerk: Page, *, closed: bool) -> None:
    """The clerk adds what the sheet has no column for, and asks the head to sign."""
    clerk.get_by_role("link", name="修改", exact=True).click()
    if closed:
        clerk.get_by_label("共享范围").fill("市级政务部门")
        clerk.get_by_label("使用用途").fill("核验企业身份")
        clerk.get_by_label("理由").first.fill("含法人代表姓名")
        clerk.get_by_label("共享属性依据").fill("《中华人民共和国个人信息保护法》")
        clerk.locator("[name=sharing_basis_level]").select_option("law")
        clerk.get_by_label("开放属性依据").fill("《中华人民共和国个人信息保护法》")
        clerk.locator("[name=opening_basis_level]").select_option("law")
    clerk.get_by_label("已做保密风险评估").check()
    clerk.get_by_label("已做个人信息保护影响评估").check()
    clerk.locator("[name=grade]").select_option("general")
    clerk.get_by_role("button", name="保存草稿").click()
    clerk.get_by_role("button", name="请负责人审签").click()


def sign_and_submit(head: Page, title: str) -> None:
    """The head signs from the inbox."""
    head.goto("/work/")
    head.get_by_role("link", name=title, exact=True).first.click()
    head.get_by_role("button", name="签署并报送").click()
    expect(head.get_by_text("待审核").first).to_be_visible()


def publish_entry(bureau: Page, title: str) -> None:
    """The bureau opens the case from its inbox and publishes."""
    bureau.goto("/work/")
    bureau.get_by_role("link", name=title, exact=True).first.click()
    bureau.get_by_role("button", name="通过并发布").click()
    expect(bureau.get_by_text("已发布").first).to_be_visible()


def mount(clerk: Page, title: str, file: Path, *, key: str) -> str:
    """The clerk mounts the file, looks at the reading, confirms; the worker builds. Returns the version's address."""
    clerk.goto("/resources/mount/")
    entry = clerk.locator("[name=entry]")
    entry.select_option(
        label=next(o for o in entry.locator("option").all_inner_texts() if o.startswith(title))
    )
    clerk.get_by_label("资源名称").fill(title)
    clerk.get_by_role("button", name="挂载", exact=True).click()
    if clerk.get_by_role("link", name="上传数据文件").count():
        clerk.get_by_role("link", name="上传数据文件").first.click()
    clerk.set_input_files("input[type=file]", file)
    clerk.get_by_role("button", name="上传", exact=True).click(timeout=LONG, no_wait_after=True)
    clerk.get_by_role("link", name="下一步").click(timeout=LONG)  # the sum of what arrived is shown first
    later, now = (
        clerk.get_by_role("link", name="确认读取方式"),
        clerk.get_by_role("button", name="确认并生成版本"),
    )
    expect(later.or_(now).first).to_be_visible(timeout=LONG)  # a large file is looked at by the worker first
    if later.count():
        later.click()
    clerk.get_by_label(f"“{key}”作查询键").select_option("own")
    if key == "统一社会信用代码":
        clerk.get_by_label(f"“{key}”的校验").select_option("credit_code")
    clerk.get_by_role("button", name="确认并生成版本").click()
    expect(clerk.get_by_role("button", name="提交复核")).to_be_visible(timeout=LONG)
    return clerk.url


def each_quarantined_row_has_its_reason(clerk: Page) -> None:
    """The report names line, reasons and content of each of the 32 spoiled rows; as a file too."""
    with clerk.expect_download() as arriving:
        clerk.get_by_role("link", name="下载 CSV").click()
    with Path(arriving.value.path()).open(encoding="utf-8-sig", newline="") as file:
        report = list(csv.DictReader(file))
    assert len(report) == 32
    assert all(line["行号"] and line["原因"] and line["原始内容"] for line in report)


def open_tables_are_read_without_login(
    installation: Installation, browser_page: Page, shared_data: Path
) -> None:
    """A citizen finds the streets on the open platform and downloads them; the eight rare names arrive right."""
    browser_page.context.clear_cookies()
    browser_page.goto("/open/?q=街道乡镇代码表")
    browser_page.get_by_role("link", name="街道乡镇代码表", exact=True).click()
    address = browser_page.get_by_role("link", name="下载 csv").get_attribute("href")
    got = httpx.get(address, timeout=60)
    assert got.headers["shuqiao-receipt"]
    ours = {row["code"]: row["name"] for row in csv.DictReader(got.content.decode("utf-8-sig").splitlines())}
    source = (shared_data / "admin_streets_2023.gb18030.csv").read_bytes().decode("gb18030").splitlines()
    theirs = {row["code"]: row["name"] for row in csv.DictReader(source)}
    assert len(ours) == 41_352
    assert ours == theirs
    assert sum(any(len(char.encode("gb18030")) == 4 for char in name) for name in ours.values()) == 8


def submit_version(clerk: Page) -> None:
    """The clerk decides on each column suspected of personal data, declares the two checks, submits."""
    for group in clerk.locator("fieldset", has=clerk.get_by_text("疑似")).all():
        group.get_by_label("列为敏感").check()
    clerk.get_by_label(re.compile("已作保密审查")).check()
    clerk.get_by_label(re.compile("已作个人信息审查")).check()
    clerk.get_by_role("button", name="提交复核").click()
    expect(clerk.get_by_text("待复核").first).to_be_visible()


def recheck(bureau: Page, version: str) -> None:
    """The bureau re-checks the version and publishes it."""
    bureau.goto(version)
    bureau.get_by_role("button", name="复核通过并发布").click()
    expect(bureau.get_by_text("已发布").first).to_be_visible()


def open_to_everybody(clerk: Page, bureau: Page, resource_title: str) -> None:
    """The clerk reviews the published table for opening, the bureau passes it: only then is anything open."""
    clerk.goto("/resources/")
    clerk.get_by_role("link", name=resource_title, exact=True).first.click()
    clerk.get_by_role("button", name="开放审查").click()
    for chosen in clerk.locator("select[name^=treatment-]").all():
        if not chosen.input_value():
            chosen.select_option("drop")
    clerk.get_by_label(re.compile("已作保密审查")).check()
    clerk.get_by_label(re.compile("已作个人信息审查")).check()
    clerk.get_by_label(re.compile("署名利用许可")).check()
    clerk.get_by_role("button", name="提交主管部门审查").click()
    expect(clerk.get_by_text("待审查").first).to_be_visible()
    bureau.goto(clerk.url)
    bureau.get_by_role("button", name="审查通过并开放").click()
    expect(bureau.get_by_text("已开放").first).to_be_visible()


@pytest.fixture(scope="module")
def workbook(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole Hangzhou catalogue as the batch workbook, with the entries that will be mounted."""
    into = tmp_path_factory.mktemp("workbook") / "杭州目录.xlsx"
    return workbooks.catalogue(shared_data / "catalog_hangzhou_2023.json", into, "")


def ask(clerk: Page, title: str) -> None:
    """The user department's clerk finds the entry, asks for named items and rows, and saves the draft."""
    clerk.goto(f"/catalog/?q={title}")
    clerk.get_by_role("link", name=title).first.click()
    clerk.locator("#sharing").get_by_role("link", name="申请", exact=True).click()
    for item in ("企业名称", "统一社会信用代码", "注册日期", "注册资金", "地区"):
        clerk.get_by_role("radio", name=re.compile(f"^{item}：全部")).check()
    condition = clerk.locator(".sq-cond").first
    condition.get_by_label("行条件：信息项").select_option("地区")
    condition.get_by_label("行条件：比较").select_option("eq")
    condition.get_by_label("行条件：取值").fill("营口")
    clerk.get_by_label("用途").fill("失业登记时核验用人单位")
    clerk.get_by_label("使用场景").fill("就业服务窗口逐个查询，不做批量比对")
    clerk.get_by_label("使用依据").fill("《中华人民共和国就业促进法》")
    clerk.locator("[name=legal_basis_level]").select_option("law")
    clerk.get_by_label("服务接口").check()
    clerk.get_by_label("文件下载").check()
    clerk.get_by_label("使用时限").fill("2028-12-31")
    clerk.get_by_role("button", name="存为草稿").click()
    expect(clerk.get_by_role("heading", name="签署并提出")).to_be_visible()


def refuse_without_basis(head: Page) -> None:
    """A no without a legal basis does not go through: the page says which rule stands in the way."""
    head.get_by_text("不同意", exact=True).click()
    head.locator("[name=refuse_reason]").fill("数据敏感")
    head.get_by_role("button", name="签署不同意").click()
    expect(head.get_by_text("sharing.refusal.basis").first).to_be_visible()
    head.go_back()


def test_from_a_spreadsheet_to_a_granted_row(
    installation: Installation, sign_in: SignIn, shared_data: Path, workbook: Path
) -> None:
    clerk, head, bureau = (
        sign_in("provider-cataloguer"),
        sign_in("provider-approver"),
        sign_in("bureau-reviewer"),
    )
    import_catalogue(clerk, workbook)
    for entry in workbooks.OURS:
        find_revision(clerk, entry.title)
        complete_entry(clerk, closed=entry.opening_type == "closed")
        sign_and_submit(head, entry.title)
        publish_entry(bureau, entry.title)

    def mounted(title: str, name: str, key: str, heading: str, reported: str = "") -> None:
        version = mount(clerk, title, shared_data / name, key=key)
        expect(clerk.get_by_role("heading", name=heading)).to_be_visible()
        if reported:
            expect(clerk.get_by_text(reported).first).to_be_visible()
        if "隔离" in heading:
            each_quarantined_row_has_its_reason(clerk)
            clerk.goto(version)
        submit_version(clerk)
        recheck(bureau, version)

    mounted(
        "辽宁企业登记信息",
        "enterprises_liaoning_1980-2004.csv.gz",
        "统一社会信用代码",
        "51,661 行，另有 32 行隔离",
    )
    mounted("街道乡镇代码表", "admin_streets_2023.gb18030.csv", "code", "41,352 行")
    mounted("普通高等学校名单", "universities_moe_2017.xls", "学校标识码", "2,631 行", "31 行，不是数据")
    open_to_everybody(clerk, bureau, "街道乡镇代码表")
    open_tables_are_read_without_login(
        installation, browser_page=sign_in("stranger"), shared_data=shared_data
    )

    consumer, consumer_head = sign_in("consumer-cataloguer"), sign_in("consumer-approver")
    ask(consumer, "辽宁企业登记信息")
    consumer_head.goto("/sharing/")
    consumer_head.get_by_role("link", name=re.compile("辽宁企业登记信息")).first.click()
    consumer_head.get_by_role("button", name="签署并提出申请").click()
    expect(
        consumer_head.get_by_text("剩 5 个工作日").or_(consumer_head.get_by_text("剩 4 个工作日")).first
    ).to_be_visible()

    head.goto("/work/")
    head.get_by_role("link", name="答复").first.click()
    if head.get_by_role("link", name="答复", exact=True).count():
        head.get_by_role("link", name="答复", exact=True).first.click()
    refuse_without_basis(head)
    head.get_by_role("radio", name="注册资金：不给").check()
    head.locator("[name=reason]").fill("核验身份不需要注册资金")
    head.get_by_role("button", name="签署并同意").click()
    expect(head.get_by_text("同意").first).to_be_visible()

    developer = sign_in("consumer-developer")
    developer.goto("/grants/")
    developer.get_by_role("link", name=re.compile("辽宁企业登记信息|营数授")).first.click()
    expect(developer).to_have_url(re.compile(r"/grants/[0-9a-f-]{36}/$"))
    grant_url = developer.url
    developer.get_by_role("link", name="签发新的凭证").click()
    developer.locator("[name=system]").fill("就业服务窗口系统")
    developer.get_by_role("button", name="签发", exact=True).click()
    program = Program(
        installation,
        key_id=developer.locator("#key-id").inner_text(),
        secret=developer.locator("#key-secret").inner_text(),
        resource=developer.locator("#call-bearer").text_content().split("/v1/resources/")[1].split("/")[0],
    )
    program.reads_exactly_what_was_granted(shared_data)
    program.is_refused_with_rule_and_article()

    head.goto(grant_url)
    head.locator("form[action$='/suspend/'] textarea, form[action$='/suspend/'] input[name=reason]").fill(
        "情况不明，先暂停"
    )
    head.get_by_role("button", name="签署并暂停").click()
    program.is_stopped_within_a_second()
    program.left_evidence_of_everything()
    verified = subprocess.run(
        [sys.executable, "-m", "shuqiao.cli", "journal", "verify"],
        env=environment(installation.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stderr
