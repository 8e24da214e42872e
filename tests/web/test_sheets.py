"""The 审批单 as PDF: made in the background as the person who asked for it, with all that the browser prints."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader

from engine import NewPin
from tests.web.conftest import Browser, Site, hidden, on_both, texts
from web.printing.paper import pdf

#: What reportlab declares on each page whether it is used or not; every reader has it.
STANDARD_LATIN = {"/Helvetica"}
CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
CHIEF = "jingjian.guzhang"
STRANGER = "shangwuju.jingban"


def squeezed(text: str) -> str:
    """Text without spaces, so that two ways to break lines are one."""
    return re.sub(r"\s+", "", text)


def read(content: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def signed(site: Site) -> int:
    """Let the head agree, with an opinion that only the unit may read; return the case."""
    head, item = site.engine.actor(HEAD), site.waiting(HEAD, "unit_sign")
    task = site.engine.task(item, head)
    site.engine.complete(
        item,
        actor=head,
        version=task.version,
        outcome="同意",
        answers={"truthful": True, "signer": "顾光明"},
        opinion="只给本单位看的话",
    )
    return task.instance_id


def fetched(site: Site, browser: Browser, instance: int, **asked: str) -> bytes:
    page = browser.get(f"/instances/{instance}").text
    answer = browser.post(
        f"/instances/{instance}/sheet", {"_request_key": hidden(page, "_request_key"), **asked}
    )
    assert answer.status_code == 303
    assert "正在生成" in browser.get(answer.location).text
    assert browser.get(f"{answer.location}/file").status_code == 404
    assert site.engine.run_errands() == 1
    ready = browser.get(answer.location).text
    assert f"{answer.location}/file" in ready
    assert f"{answer.location}/file" in browser.get("/sheets").text
    file = browser.get(f"{answer.location}/file")
    assert file.mimetype == "application/pdf"
    assert file.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    return file.data


@on_both
def test_the_pdf_says_what_the_browser_prints(site: Site) -> None:
    instance = signed(site)
    browser = site.browser(HEAD)
    said = read(fetched(site, browser, instance))
    page = browser.get(f"/instances/{instance}").text
    view = site.engine.instance(instance, site.engine.actor(HEAD))
    assert "项目支出绩效目标申报审批单" in said
    for text in (view.subject, view.unit, view.reference, "只给本单位看的话", "顾光明", "2026-03-1110:00"):
        assert squeezed(text or "") in said, text
    assert re.search(r"第1页共\d+页", said)
    assert "打印于2026-03-1110:00" in said
    # Every value of every document that the page shows is on the paper.
    for value in re.findall(r'<output class="f-out[^>]*>([^<]+)</output>', page):
        assert squeezed(texts(value)) in said, value


def test_each_person_gets_what_they_may_read(site: Site) -> None:
    instance = signed(site)
    assert "只给本单位看的话" in read(fetched(site, site.browser(HEAD), instance))
    assert "只给本单位看的话" not in read(fetched(site, site.browser(CHIEF), instance))


def test_pins_and_comments_print_and_comments_only_when_asked(site: Site) -> None:
    instance = signed(site)
    chief = site.engine.actor(CHIEF)
    (review,) = [one.item_id for one in site.engine.instance(instance, chief).holders]
    pin = NewPin("goal", "overview", None, "请写清楚做什么 < & >")
    task = site.engine.task(review, chief)
    site.engine.complete(
        review, actor=chief, version=task.version, outcome="退回补正", opinion="请修改", pins=[pin]
    )
    site.engine.comment(instance, actor=chief, text="评论里的话")
    browser = site.browser(CHIEF)
    plain = read(fetched(site, browser, instance))
    assert "请写清楚做什么<&>" in plain
    assert "评论里的话" not in plain
    assert "评论里的话" in read(fetched(site, browser, instance, comments="1"))


def test_nobody_fetches_another_ones_sheet(site: Site) -> None:
    instance = signed(site)
    head = site.engine.actor(HEAD)
    errand = site.engine.ask_errand("sheet", instance, actor=head)
    site.engine.run_errands()
    for person in (CLERK, STRANGER, "admin"):
        browser = site.browser(person)
        for address in (f"/sheets/{errand}", f"/sheets/{errand}/file"):
            assert browser.get(address).status_code == 404
    assert site.browser(STRANGER).post(f"/instances/{instance}/sheet").status_code == 404


def test_in_english_the_sheet_has_english_words_around_the_chinese_business(site: Site) -> None:
    instance = signed(site)
    browser = site.browser(HEAD)
    browser.client.set_cookie("bihuan-language", "en")
    browser.get(f"/instances/{instance}")
    answer = browser.post(f"/instances/{instance}/sheet", {})
    site.engine.run_errands()
    said = read(browser.get(f"{answer.location}/file").data)
    assert "Page1of" in said
    assert "只给本单位看的话" in said


def test_text_of_any_length_finds_its_place_on_paper() -> None:
    cell = "很长的意见，" * 700
    row = f"<tr><td>甲</td><td>{cell}</td><td>2026-03-11</td></tr>"
    rows = "<tr><td rowspan='2'>合并</td><td colspan='2'>两列</td></tr><tr><td>一</td><td>二</td></tr>"
    html = f"<table><thead><tr><th>人</th><th>意见</th><th>时间</th></tr></thead><tbody>{row}{rows}</tbody></table>"
    done = PdfReader(io.BytesIO(pdf(html, title="t", author="a", foot="f", pages="{page}/{pages}")))
    assert len(done.pages) == 3
    said = squeezed("".join(page.extract_text() for page in done.pages))
    assert said.count("很") == 700  # a page may end within the words
    assert "两列" in said


def test_a_font_that_is_none_is_told_and_the_standard_one_used() -> None:
    done = pdf("<p>中文</p>", title="t", author="a", foot="", pages="", font="/nowhere/font.ttf")
    assert "中文" in PdfReader(io.BytesIO(done)).pages[0].extract_text()


def test_every_font_is_in_the_file_so_that_any_machine_shows_the_same() -> None:
    said = "察布查尔锡伯自治县·预算绩效：“优”①✓→≥96％（元）镕喆堃"
    page = PdfReader(
        io.BytesIO(pdf(f"<p>{said}</p>", title="t", author="a", foot="页脚", pages="{page}"))
    ).pages[0]
    assert squeezed(said) in squeezed(page.extract_text())
    fonts = [one.get_object() for one in page["/Resources"]["/Font"].values()]
    shown = [one for one in fonts if one["/BaseFont"] not in STANDARD_LATIN]
    assert shown
    assert all("/FontFile2" in one["/FontDescriptor"] for one in shown)
