"""What people do on the pages, in their words: open a task, fill in, pin an opinion, decide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect


def field(page: Page, name: str) -> Locator:
    """Return the input of a form's field by its path; the hidden twin of a checkbox comes before it."""
    return page.locator(f'[name="{name}"]:visible').last


def listed(page: Page, subject: str, process: str = "goal_declaration") -> Locator:
    """Look for the tasks of a process by their subject in the inbox, and return the link of the first that is called so."""
    page.goto("/inbox?" + urlencode({"process": process, "text": subject}))
    return page.locator("tr[data-row]").get_by_role("link", name=subject, exact=True).first


def open_task(page: Page, subject: str) -> None:
    """Find a task in the inbox by its subject and open it on a page of its own."""
    page.goto(listed(page, subject).get_attribute("href") or "")
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)


def fill(page: Page, values: Mapping[str, str]) -> None:
    """Type values into fields, or choose them where the field is a list."""
    for name, value in values.items():
        box = field(page, name)
        if box.evaluate("(element) => element.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
            box.press("Tab")


def paste(page: Page, name: str, text: str, *, times: int = 1) -> None:
    """Paste text (``times`` in a row) from a sheet into a field, as the clipboard would."""
    field(page, name).focus()
    page.evaluate(
        """([text, times]) => {
          const data = new DataTransfer();
          data.setData('text/plain', text.repeat(times));
          document.activeElement.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        [text, times],
    )


def confirm_paste(page: Page) -> None:
    """Agree to what the preview shows."""
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="粘贴").click()
    dialog.wait_for(state="detached")


def decide(page: Page, outcome: str, opinion: str | None = None) -> None:
    """Choose an outcome, confirm it where the page asks, and wait until the task is left behind."""
    if opinion is not None:
        page.locator("#opinion").fill(opinion)
    task = page.url
    page.locator(f'button[name="_outcome"][value="{outcome}"]').click()
    question = page.locator("dialog[open]")
    page.wait_for_timeout(150)
    if question.count():
        question.get_by_role("button", name=re.compile(outcome)).click()
    page.wait_for_url(lambda address: address != task)


def pin(page: Page, path: str, text: str, *, row: str | None = None, column: str | None = None) -> None:
    """Pin an opinion to a field, or to a row's column, of a document that the page shows."""
    place = f'tbody[data-row="{row}"]' if row else f'[data-field="{path}"]'
    page.locator(f"{place} .f-pin").first.click()
    if column is not None:
        page.locator(f"{place} .f-newpin select").select_option(label=column)
    page.locator(f"{place} .f-newpin textarea").fill(text)


def answer(page: Page, path: str, text: str) -> None:
    """Answer the opinion that is pinned to a field, or to a place in a table, with 已改 and a text."""
    reply = page.locator(f'[data-field="{path}"] fieldset.f-reply').first
    reply.get_by_label("已改").check()
    reply.locator("input[name$='.text']").fill(text)


#: The windows that people have, in pixels: a screen of the office, a phone.
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}


def fits(page: Page) -> None:
    """The page is no wider than the window: nobody scrolls sideways."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} is {width} pixels too wide"


def fits_both(page: Page) -> None:
    """The same at 1366×768 and on a phone, and back at the size that it had."""
    size = page.viewport_size
    for other in (DESK, PHONE):
        page.set_viewport_size(other)  # type: ignore[arg-type]
        fits(page)
    if size is not None:
        page.set_viewport_size(size)
