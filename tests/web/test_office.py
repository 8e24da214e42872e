"""Office phones and phrases are kept by who leads the office, and by administrators; by nobody else."""

from __future__ import annotations

import io
import re

from engine.admin.logs import LogQuery
from tests.web.conftest import Site, on_both, texts
from tests.web.test_exchange import book, counts, send

HEAD, CLERK, STRANGER = "jiaotongju.fuzeren", "jiaotongju.jingban", "shangwuju.jingban"
CHIEF = "jingjian.guzhang"


def office_of(site: Site, person: str) -> str:
    return site.engine.actor(person).posts[0].org


@on_both
def test_a_head_keeps_the_phones_of_the_office_and_they_are_shown_where_a_case_is(site: Site) -> None:
    head, org = site.browser(HEAD), office_of(site, HEAD)
    page = head.get("/office/").text
    assert f'name="phone.{CLERK}"' in page
    sent = {"org": org, "phone": "0939-8216661", f"phone.{CLERK}": "0939-8216662 转 3"}
    assert head.post("/office/phones", sent).status_code == 303
    item = site.waiting(CLERK, "fill_goal")
    instance = site.engine.task(item, site.engine.actor(CLERK)).instance_id
    assert "0939-8216662 转 3" in site.browser(HEAD).get(f"/instances/{instance}").text
    changes = site.engine.admin.administered(site.engine.actor("admin"), LogQuery(text="8216661")).rows
    assert [row.kind for row in changes] == ["org.changed"]


def test_a_wrong_number_is_refused_at_its_box_and_the_others_stay_typed(site: Site) -> None:
    head, org = site.browser(HEAD), office_of(site, HEAD)
    answer = head.post("/office/phones", {"org": org, "phone": "<b>打总机</b>", f"phone.{CLERK}": "0939-1"})
    assert answer.status_code == 422
    assert "不是电话号码" in answer.text
    assert 'value="&lt;b&gt;打总机&lt;/b&gt;"' in answer.text
    assert site.engine.admin.offices(site.engine.actor(HEAD))[0].phone == ""


def test_nobody_keeps_the_phones_or_phrases_of_an_office_that_they_do_not_lead(site: Site) -> None:
    org, other = office_of(site, HEAD), office_of(site, CHIEF)
    for person in (CLERK, STRANGER):
        assert site.browser(person).get("/office/").status_code == 404
        assert (
            site.browser(person).post("/office/phones", {"org": org, "phone": "1234567"}).status_code == 404
        )
    head = site.browser(HEAD)
    assert head.post("/office/phones", {"org": other, "phone": "1234567"}).status_code == 404
    assert head.post("/office/phrases", {"org": other, "act": "add", "text": "不该有"}).status_code == 404
    # A person of another office in the form is left alone.
    head.post("/office/phones", {"org": org, "phone": "", f"phone.{STRANGER}": "0939-7654321"})
    assert site.engine.admin.person(STRANGER, site.engine.actor("admin")).phone == ""


def test_an_offices_phrases_are_offered_to_its_people_only(site: Site) -> None:
    chief, org = site.browser(CHIEF), office_of(site, CHIEF)
    sent = {"org": org, "act": "add", "text": "本股已核对。"}
    assert chief.post("/office/phrases", sent).status_code == 303
    twice = chief.post("/office/phrases", sent)
    assert (twice.status_code, "已经有这一条" in twice.text) == (422, True)
    item = site.waiting(CHIEF, "section_review")
    phrases = re.findall(r"data-phrase[^>]*>([^<]+)<", chief.get(f"/tasks/{item}").text)
    assert phrases[0] == "本股已核对。"
    assert "本股已核对。" not in site.browser(HEAD).get("/phrases").text
    chief.post("/office/phrases", {"org": org, "act": "remove", "old": "本股已核对。"})
    assert "本股已核对。" not in chief.get("/phrases").text


def test_an_administrator_keeps_the_countys_phrases_by_role_and_step(site: Site) -> None:
    admin = site.browser("admin")
    assert "同意。" in admin.get("/admin/phrases/").text
    sent = {
        "act": "add",
        "text": "按D07办理。",
        "roles": ["section_chief", "nobody"],
        "steps": ["section_review"],
    }
    assert admin.post("/admin/phrases/", sent).status_code == 303
    item = site.waiting(CHIEF, "section_review")
    assert "按D07办理。" in site.browser(CHIEF).get(f"/tasks/{item}").text
    assert "按D07办理。" not in site.browser(HEAD).get("/phrases").text
    admin.post("/admin/phrases/", {"act": "change", "old": "按D07办理。", "text": "按规定办理。"})
    assert "按规定办理。" in site.browser(HEAD).get("/phrases").text
    assert site.browser(CHIEF).get("/admin/phrases/").status_code == 403


def test_a_workbook_carries_phones_addresses_and_secrecy_which_takes_a_second_administrator(
    site: Site,
) -> None:
    browser, org = site.browser("admin"), office_of(site, HEAD)
    exported = browser.get("/admin/exchange/export").data
    name = site.engine.actor(CLERK).name
    section = "S03"
    row = [org, "县交通运输局", "预算单位", "", section, "", "", "0939-8216661", "涉密"]
    content = book(units=[row], people=[[CLERK, name, "", "0939-8216662", "a@example.com", "13812345678"]])
    address = send(browser, content)
    page = browser.get(address).text
    assert counts(page)["错误"] == 0, texts(page)[:2000]
    assert "申请变更涉密" in page
    digest = re.search(r'name="digest" value="([^"]+)"', page)
    assert digest
    assert browser.post(f"{address}/apply", {"digest": digest[1]}).status_code == 200
    person = site.engine.admin.person(CLERK, site.engine.actor("admin"))
    assert (person.phone, person.email) == ("0939-8216662", "a@example.com")
    open_ones = [one for one, _ in site.engine.admin.approvals(site.engine.actor("admin"))]
    assert [(one.kind, one.subject, one.params) for one in open_ones] == [("secret_unit", org, {"on": True})]
    logged = site.engine.admin.administered(site.engine.actor("admin"), LogQuery(text="a@example.com")).rows
    assert list(logged) == []
    again = browser.get("/admin/exchange/export").data
    assert again != exported
    assert counts(browser.get(send(browser, again)).text)["错误"] == 0
    assert io.BytesIO(again).read(2) == b"PK"
