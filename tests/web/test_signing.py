"""The task page of a step that several people sign: it can be completed, and shows who has signed (已签) and who has not."""

from __future__ import annotations

from tests.engine.office import process, task
from tests.web.conftest import Site, hidden, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
CHIEF = "jingjian.guzhang"


def signing(site: Site, who: tuple[str, ...], mode: str) -> None:
    """Start a case whose one step these people sign."""
    people = ", ".join(f"&quot;{one}&quot;" for one in who)
    source = process(
        task(
            "sign",
            f'<zeebe:assignmentDefinition candidateUsers="=[{people}]"/>',
            signing=mode,
            outcomes="同意,不同意",
        ),
        "s -> sign -> e",
        id="joint",
    )
    site.engine.deploy({"joint.bpmn": source}, actor="system")
    site.engine.start("joint", actor=site.engine.actor(who[0]), variables={})


def test_a_signer_signs_on_the_page_and_the_next_one_sees_it(site: Site) -> None:
    signing(site, (CLERK, HEAD, CHIEF), "in order")
    browser, item = site.browser(CLERK), site.waiting(CLERK, "sign")
    page = browser.get(f"/tasks/{item}").text
    assert "依次签署" in texts(page)
    sent = {name: hidden(page, name) for name in ("_version", "_document_version", "_request_key")}
    answer = browser.post(f"/tasks/{item}/complete", {**sent, "_outcome": "同意", "_opinion": "没有意见"})
    assert answer.status_code == 303
    seen = texts(site.browser(HEAD).get(f"/tasks/{site.waiting(HEAD, 'sign')}").text)
    assert "已签 1 / 3" in seen
    assert "没有意见" in seen
    assert "未签，尚未轮到" in seen


def test_in_english_the_signatures_are_told_in_english(site: Site) -> None:
    signing(site, (CLERK, HEAD), "all")
    browser, item = site.browser(CLERK), site.waiting(CLERK, "sign")
    browser.post("/language", {"language": "en"})
    page = texts(browser.get(f"/tasks/{item}").text)
    assert "Signatures" in page
    assert "not signed" in page
