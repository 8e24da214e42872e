"""A secret case takes in no content by any door."""

from __future__ import annotations

import re

import pytest

from engine.errors import InvalidAnswers, Refused
from tests.web.conftest import Site, hidden

CLERK = "renwubu.jingban"


def test_a_secret_case_takes_neither_files_nor_comments(site: Site) -> None:
    actor = site.engine.actor(CLERK)
    (row,) = site.engine.inbox(actor).rows
    with pytest.raises(Refused) as refused:
        site.engine.attach(row.item_id, actor=actor, name="a.txt", stream=b"content")
    assert refused.value.code == "case.secret"
    with pytest.raises(Refused) as refused:
        site.engine.comment(row.instance_id, actor=actor, text="content", mentions=())
    assert refused.value.code == "case.secret"
    seen = site.engine.instance(row.instance_id, actor)
    assert seen.attachments == []


def test_the_page_of_a_secret_case_draws_only_what_is_taken(site: Site) -> None:
    browser = site.browser(CLERK)
    (row,) = site.engine.inbox(site.engine.actor(CLERK)).rows
    page = browser.get(f"/tasks/{row.item_id}").text
    for box in (
        'name="_opinion"',
        "data-upload",
        "data-comment-form",
        "f-form",
        "data-draft-url",
        'value="提交"',
    ):
        assert box not in page, box
    assert re.findall(r'<button class="button (\w*)"[^>]*name="_outcome" value="([^"]+)"', page) == [
        ("primary", "涉密线下办理")
    ]
    assert "请按保密规定线下办理，办完后点“涉密线下办理”" in page
    assert "data-comment-form" not in browser.get(f"/instances/{row.instance_id}").text
    sent = {
        name: hidden(page, name)
        for name in ("_version", "_document_version", "_request_key", "_draft_revision")
    }
    assert (
        browser.post(f"/tasks/{row.item_id}/complete", {**sent, "_outcome": "涉密线下办理"}).status_code
        == 303
    )


def test_a_secret_case_takes_no_opinion_either_and_the_browser_is_told_to_forget(site: Site) -> None:
    actor, browser = site.engine.actor(CLERK), site.browser(CLERK)
    (row,) = site.engine.inbox(actor).rows
    with pytest.raises(InvalidAnswers) as refused:
        site.engine.complete(
            row.item_id, actor=actor, version=row.version, outcome="涉密线下办理", opinion="内容"
        )
    assert [one.code for one in refused.value.findings] == ["secret.stop"]
    answer = browser.post(
        f"/tasks/{row.item_id}/draft", {"overview": "内容"}, headers={"X-Requested-With": "fetch"}
    )
    assert (answer.status_code, answer.get_json()["erase"]) == (422, True)
