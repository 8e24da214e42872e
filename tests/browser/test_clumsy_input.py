"""What people paste and choose by mistake is answered at the field, and nothing else on the page suffers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.people import field, open_task, paste

pytestmark = [pytest.mark.browser, pytest.mark.long]

PROJECT = "机关办公用房维修改造"
CLERK = "jiguanshiwu.jingban"
TEN_MEGABYTES = 10 * 1024 * 1024 // 3  # a Chinese character is three bytes


def upload(page: Page, name: str, content: bytes, place: str = '[data-field="basis_files"]') -> None:
    page.locator(f"{place} input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": content}
    )


def test_a_file_is_uploaded_where_it_was_chosen_and_a_wrong_one_is_refused_there(visit: Visit):
    page = visit(CLERK, expected=("status of 422",))
    open_task(page, PROJECT)
    basis = page.locator('[data-field="basis_files"]')
    upload(page, "批复.pdf", b"MZ" + bytes(64))
    expect(basis.locator(".f-upload-state")).to_contain_text("批复.pdf")
    expect(basis.locator(".f-upload-state")).to_have_class("f-upload-state f-error")
    upload(page, "批复.pdf", b"%PDF-1.7\n%%EOF\n")
    expect(basis.locator(".f-file a")).to_have_text("批复.pdf")

    # The attachments of the whole case have a place of their own.
    files = page.locator("#files")
    upload(page, "说明.pdf", b"%PDF-1.7\n%%EOF\n", "#files")
    expect(files.locator("li a", has_text="说明.pdf")).to_be_visible()
    upload(page, "说明.pdf", b"MZ" + bytes(64), "#files")
    expect(files.locator("[data-upload-error]")).to_contain_text("说明.pdf")


def test_ten_megabytes_are_refused_at_the_field_and_the_rest_is_saved(visit: Visit):
    page = visit(CLERK)
    open_task(page, PROJECT)
    paste(page, "overview", "长", times=TEN_MEGABYTES)
    expect(page.locator('[data-field="overview"] [role="alert"]')).to_contain_text(
        "这里最多 1,000 字，没有粘贴"
    )
    expect(field(page, "overview")).to_have_value("")
    page.locator('[data-field="indicators"] [data-do="add"]').click()
    paste(page, "indicators.0.level1", "产出指标\t数量指标\t里程\t≥1公里\n", times=TEN_MEGABYTES // 18)
    expect(page.locator('[data-field="indicators"] [role="alert"]').first).to_contain_text("没有粘贴")
    with page.expect_response(lambda response: response.url.endswith("/draft")) as saved:
        field(page, "project_leader").fill("阿依古丽")
    assert saved.value.ok
    field(page, "overview").fill("一句话")
    expect(page.locator('[data-field="overview"] [role="alert"]')).to_have_count(0)


def test_the_row_of_sections_counts_what_is_missing_in_tables_too(visit: Visit):
    page = visit(CLERK, expected=("status of 422",))
    open_task(page, PROJECT)
    section = page.locator("nav.sections a", has_text="四、实施计划").locator("small")
    while (remove := page.locator('[data-field="milestones"] [data-do="remove"]')).count():
        remove.first.click()
    expect(section).to_have_text("1")
    page.locator('[data-field="milestones"] [data-do="add"]').click()
    expect(section).to_have_text("3")
    page.locator('button[name="_outcome"][value="提交"]').click()
    expect(page.locator(".f-summary").first).to_be_visible()
    expect(page.locator("nav.sections a.bad", has_text="四、实施计划")).to_be_visible()


def test_a_comment_that_is_pasted_too_long_is_kept_whole_and_says_by_how_much(visit: Visit):
    page = visit(CLERK)
    open_task(page, PROJECT)
    page.wait_for_load_state("networkidle")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    box = page.locator("#comment-text")
    box.focus()
    page.evaluate("navigator.clipboard.writeText('评'.repeat(2003))")
    page.keyboard.press("Control+V")
    expect(page.locator("[data-too-long]")).to_have_text(
        "最多 2,000 个字，现在多出 3 个。没有截断，请删减后再提交。"
    )
    assert len(box.input_value()) == 2003
    page.get_by_role("button", name="发表").click()
    expect(page.locator(".thread .said")).to_have_count(0)
    box.press("End")
    for _ in range(3):
        box.press("Backspace")
    expect(page.locator("[data-too-long]")).to_have_count(0)
    page.get_by_role("button", name="发表").click()
    expect(page.locator(".thread .said")).to_have_count(1)
