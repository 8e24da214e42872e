"""The task page in a real browser: comments that name people, attachments inside the page, phrases, the sheet as PDF."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from pypdf import PdfReader

from tests.browser.conftest import PHONE, Visit
from tests.browser.people import fits, listed, open_task
from tests.services import ROOT
from web.printing.paper import pdf

pytestmark = [pytest.mark.browser, pytest.mark.long]

PROJECT = "机关办公用房维修改造"
CLERK = "jiguanshiwu.jingban"
CHIEF = "jingjian.guzhang"
#: A picture of one red pixel.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def first_task(page: Page) -> None:
    """Open the first task of the inbox beside the list."""
    page.goto("/inbox")
    page.locator("tr[data-row] a[data-open]").first.click()
    page.locator("#task").wait_for()


def test_attachments_are_shown_inside_the_page(visit: Visit) -> None:
    page = visit(CLERK)
    open_task(page, PROJECT)
    paper = pdf("<h2>佐证材料</h2><p>第一段</p>", title="t", author="a", foot="", pages="{page}/{pages}")
    page.locator("#files input[type=file]").set_input_files(
        [
            {"name": "佐证.pdf", "mimeType": "application/pdf", "buffer": paper},
            {"name": "照片.png", "mimeType": "image/png", "buffer": PICTURE},
            {"name": "说明.txt", "mimeType": "text/plain", "buffer": "国标编码".encode("gb18030")},
            {"name": "表.zip", "mimeType": "application/zip", "buffer": _archive()},
        ]
    )
    expect(page.locator("#files li")).to_have_count(4)
    page.get_by_role("link", name="佐证.pdf", exact=True).click()
    shown = page.locator("dialog.preview")
    expect(shown.locator(".preview-page canvas")).to_be_visible()
    drawn = shown.locator("canvas").evaluate(
        """(canvas) => new Set(canvas.getContext('2d')
          .getImageData(0, 0, canvas.width, canvas.height).data).size > 2"""
    )
    assert drawn, "the page of the PDF is blank"
    page.keyboard.press("ArrowRight")
    expect(shown.get_by_role("img", name="照片.png")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(shown.locator("pre")).to_have_text("国标编码")
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    # What can't be shown is downloaded.
    with page.expect_download() as download:
        page.get_by_role("link", name="表.zip", exact=True).click()
    assert download.value.suggested_filename == "表.zip"


def _archive() -> bytes:
    import zipfile

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "a")
    return target.getvalue()


def test_an_at_sign_offers_the_people_of_the_case_and_what_is_typed_elsewhere_stays(visit: Visit) -> None:
    page = visit(CHIEF)
    first_task(page)
    page.locator("#opinion").fill("写了一半的意见")
    text = page.locator("#comment-text")
    text.click()
    text.press_sequentially("请 @")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    name = options.nth(1).locator("b").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(text).to_have_value(f"请 @{name} ")
    text.press_sequentially("看看")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".thread .mention")).to_have_text(f"@{name}")
    expect(page.locator("#opinion")).to_have_value("写了一半的意见")
    expect(page.locator("#comment-text")).to_have_value("")
    page.locator(".thread").get_by_role("button", name="撤下").click()
    page.locator("dialog[open]").get_by_role("button", name="撤下").click()
    expect(page.locator(".thread")).to_contain_text("由本人撤下")
    # The opinion is still saved after all that.
    page.locator("#opinion").fill("写完的意见")
    with page.expect_response(lambda response: response.url.endswith("/draft"), timeout=20_000) as saved:
        pass
    assert saved.value.ok


def test_a_phrase_comes_by_click_and_by_key(visit: Visit) -> None:
    page = visit(CHIEF)
    page.goto("/phrases")
    page.get_by_role("textbox", name="新的常用意见").fill("指标偏低。")
    page.get_by_role("button", name="添加").click()
    first_task(page)
    opinion = page.locator("#opinion")
    opinion.fill("")
    page.keyboard.press("Alt+Digit1")
    expect(opinion).to_have_value("指标偏低。")
    page.locator("[data-phrase]", has_text="请补充佐证材料。").click()
    expect(opinion).to_have_value("指标偏低。请补充佐证材料。")


def test_the_sheet_is_made_while_one_waits_and_says_what_the_browser_prints(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit(CHIEF, expected=("SVGMatrix",))  # the diagram has no size on paper
    first_task(page)
    page.locator("#progress a", has_text="查看全程").first.click()
    page.get_by_role("heading", level=1).wait_for()
    page.emulate_media(media="print")
    printed = page.locator("main").inner_text()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="生成 PDF").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载", exact=True).click(timeout=30_000)
    file = tmp_path / "sheet.pdf"
    download.value.save_as(file)
    said = "".join("".join(one.extract_text().split()) for one in PdfReader(file).pages)
    missing = [
        line
        for line in printed.splitlines()
        if (squeezed := "".join(line.split())) and squeezed not in said and "\t" not in line
    ]
    assert len(missing) <= 0.05 * len(printed.splitlines()), missing


def test_all_of_it_fits_on_a_phone(visit: Visit) -> None:
    page = visit(CHIEF, size=PHONE)
    for address in ("/phrases", "/sheets"):
        page.goto(address)
        fits(page)
    page.goto("/inbox?step=section_review")
    page.locator("tr[data-row] a[data-open]").first.click()
    page.locator("#task").wait_for()
    assert "_list=step" in page.url
    page.locator("#related").scroll_into_view_if_needed()
    expect(page.locator("#related")).to_contain_text("同一项目")
    page.locator("#comments").scroll_into_view_if_needed()
    fits(page)


def review(page: Page, subject: str) -> None:
    """Open a review beside the list, and fill in what it takes to agree."""
    listed(page, subject).click()
    expect(page.locator("#task h1")).to_have_text(subject)
    for field in page.locator("#form input[inputmode=decimal]").all():
        field.fill("9")
    page.locator("#form textarea[name=opinion]").fill("目标明确，指标科学，同意上报。")


def test_nothing_is_decided_by_a_key_in_a_box_or_by_a_second_click(visit: Visit) -> None:
    page = visit(CHIEF)
    decided: list[str] = []
    page.on(
        "request", lambda request: decided.append(request.url) if request.url.endswith("/complete") else None
    )
    review(page, "老旧小区改造")
    before = page.locator("#task").get_attribute("data-task")
    page.locator(".next-box input").focus()
    page.keyboard.press("Enter")
    page.goto(f"/tasks/{before}")
    page.locator(".next-box input").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert decided == []
    page.goto("/inbox")
    review(page, "老旧小区改造")
    page.wait_for_timeout(800)  # the form's own look at what was typed
    place = page.locator("button[name=_outcome][value=同意]").bounding_box()
    assert place is not None
    for _ in range(10):
        page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        page.wait_for_timeout(60)
    expect(page.locator(".flashes")).to_contain_text("“老旧小区改造”已办理")
    assert len(decided) == 1, decided


def test_a_decision_before_the_tasks_own_script_has_come_is_that_of_the_button(visit: Visit) -> None:
    page = visit(CHIEF)
    page.goto("/inbox?process=goal_declaration")
    waiting = page.locator("tr[data-row] a[data-open]").last
    subject, address = waiting.inner_text(), waiting.get_attribute("href") or ""
    held: list[Route] = []
    late = brought_later()
    page.route(
        "**/dist/*.js",
        lambda route: held.append(route) if route.request.url.endswith(late) else route.continue_(),
    )
    page.goto(address)
    for field in page.locator("#form input[inputmode=decimal]").all():
        field.fill("9")
    page.locator("#form textarea[name=opinion]").fill("目标明确，指标科学，同意上报。")
    assert held, "the task's script was there"
    page.locator("button[name=_outcome][value=同意]").click()
    expect(page.locator(".flashes")).to_contain_text(f"“{subject}”已办理")


def brought_later() -> tuple[str, ...]:
    """Return the scripts that a page asks for once it stands: those that the first one imports when they are wanted."""
    dist = ROOT / "web" / "static" / "dist"
    first = (dist / json.loads((dist / "manifest.json").read_text("utf-8"))["app.js"]).read_text("utf-8")
    wanted = set(re.findall(r'import\("\./([^"]+)"\)', first))
    return tuple(wanted - set(re.findall(r'(?:from|import)\s*"\./([^"]+)"', first)))
