"""The pages of administration as administrators use them, alone, by two, and separated; auditors read and do nothing."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from engine.admin.rights import PARTS
from tests.web.conftest import Browser, Site, on_both, texts
from web.session import PUBLIC
from web.xlsx import Sheet, workbook

CLERK = "shangwuju.jingban"


def approval(page: str) -> str:
    """Return the address at which the first request of a page is confirmed."""
    found = re.search(r'action="(/admin/approvals/\d+/confirm)"', page)
    assert found is not None
    return found[1]


def first_password(page: str) -> str:
    found = re.search(r'class="secret-once">([^<]+)<', page)
    assert found is not None, texts(page)
    return found[1]


@on_both
def test_a_person_is_made_given_a_post_and_closed(site: Site) -> None:
    browser = site.browser("admin")
    browser.get("/admin/people/new")
    answer = browser.post("/admin/people/new", {"id": "xinren", "name": "新人"})
    password = first_password(answer.text)
    assert browser.post("/admin/people/new", {"id": "xinren", "name": "又来"}).status_code == 409
    given = {"role": "unit_clerk", "org": "101001", "first": "2026-03-01", "last": "2026-12-31"}
    assert browser.post("/admin/people/xinren/posts", given).status_code == 302
    page = texts(browser.get("/admin/people/xinren").text)
    assert "绩效经办人" in page
    assert "2026-03-01 — 2026-12-31" in page
    assert "授予岗位" in page
    other = site.anonymous()
    assert other.sign_in("xinren", password).status_code == 302
    assert other.get("/inbox").location == "/password"
    assert browser.post("/admin/people/xinren/close", {"reason": "调离"}).status_code == 302
    assert other.get("/inbox").status_code == 302
    assert "已停用" in texts(browser.get("/admin/people/?state=closed").text)


@on_both
def test_a_new_first_password_is_asked_for_by_one_and_shown_to_another_once(site: Site) -> None:
    one, two, victim = site.browser("admin"), site.browser("admin2"), site.browser(CLERK)
    one.get(f"/admin/people/{CLERK}")
    assert one.post(f"/admin/people/{CLERK}/ask/reset_password", {"reason": "忘记"}).status_code == 302
    mine = one.get("/admin/approvals/").text
    assert "撤回申请" in mine
    assert "/confirm" not in mine
    page = two.get("/admin/approvals/").text
    assert 'href="/admin/approvals/"' in page
    address = approval(page)
    assert one.post(address).status_code == 403
    answer = two.post(address)
    password = first_password(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert victim.get("/inbox").status_code == 302
    assert site.anonymous().sign_in(CLERK, password).status_code == 302
    assert two.post(address).status_code == 409
    log = texts(one.get("/admin/logs/?kind=approval").text)
    assert "确认申请：重置密码" in log
    assert password not in log


def test_a_unit_is_made_moved_and_kept_by_the_budget_too(site: Site) -> None:
    browser = site.browser("admin")
    browser.get("/admin/units/new")
    made = {
        "code": "909",
        "name": "县新设局",
        "kind": "unit",
        "parent": "",
        "section": "S01",
        "first": "2026-03-01",
        "last": "",
    }
    assert browser.post("/admin/units/new", {**made, "section": ""}).status_code == 422
    assert browser.post("/admin/units/new", made).location == "/admin/units/909"
    assert (
        browser.post("/admin/units/909", {**made, "name": "县新设管理局", "section": "S02"}).status_code
        == 302
    )
    page = texts(browser.get("/admin/units/?text=新设").text)
    assert "县新设管理局" in page
    assert "教科文股" in page
    log = texts(browser.get("/admin/logs/?kind=org").text)
    assert "名称：县新设局 → 县新设管理局" in log
    assert "归口：行政政法股 → 教科文股" in log
    assert browser.post("/admin/units/909", {**made, "parent": "909"}).status_code == 422
    assert browser.post("/admin/units/909", {**made, "first": "soon"}).status_code == 422


def test_a_unit_becomes_secret_by_two(site: Site) -> None:
    one, two = site.browser("admin"), site.browser("admin2")
    one.get("/admin/units/101001")
    assert one.post("/admin/units/101001/secret", {"on": "1", "reason": "定密"}).status_code == 302
    assert "不涉密" in texts(one.get("/admin/units/101001").text)
    page = two.get("/admin/approvals/").text
    assert "标为涉密" in texts(page)
    assert two.post(approval(page)).status_code == 302
    assert "申请取消涉密" in texts(one.get("/admin/units/101001").text)


def test_logs_are_filtered_and_exported(site: Site) -> None:
    site.anonymous().sign_in("<script>", "x")
    browser = site.browser("admin")
    page = browser.get("/admin/logs/sign-ins?kind=wrong").text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page.replace("<script type=", "")
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(browser.get("/admin/logs/export/sign_ins?kind=wrong").data))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert [row[1] for row in rows[1:]] == ["<script>"]
    assert len(browser.get("/admin/logs/export/administered").data) > 4000
    assert browser.get("/admin/logs/?since=yesterday").status_code == 422
    assert browser.get("/admin/logs/?before=nonsense").status_code == 422


def test_settings_of_sessions_count_from_the_next_request_on(site: Site) -> None:
    browser = site.browser("admin")
    browser.get("/admin/settings/")
    assert browser.post("/admin/settings/sessions", {"idle_minutes": "1", "hours": "8"}).status_code == 422
    assert browser.post("/admin/settings/sessions", {"idle_minutes": "5", "hours": "8"}).status_code == 302
    clerk = site.browser(CLERK)
    assert 'data-idle-minutes="5"' in clerk.get("/inbox").text
    site.clock.advance(timedelta(minutes=6))
    assert clerk.get("/inbox").status_code == 302


PAGES = {
    "/admin/people/": {"sys_admin", "sec_admin"},
    "/admin/people/new": {"sys_admin"},
    "/admin/units/": {"sys_admin", "sec_admin"},
    "/admin/roles/": {"sys_admin", "sec_admin"},
    "/admin/exchange/": {"sys_admin", "sec_admin"},
    "/admin/audits/": {"sec_admin", "audit_admin"},
    "/admin/settings/": {"sys_admin", "sec_admin"},
    "/admin/logs/": {"audit_admin"},
    "/admin/logs/sign-ins": {"audit_admin"},
    "/admin/logs/reads": {"audit_admin"},
    "/admin/logs/export/administered": {"audit_admin"},
}


def separate(site: Site) -> dict[str, Browser]:
    """Give the administrator's rights to three people, by two; return their browsers by role."""
    from workflows.demo import PASSWORD

    for number, role in enumerate(PARTS):
        site.engine.people.create_person(f"san{number}", f"三员{number}", PASSWORD, must_change=False)
        site.engine.people.add_post(f"san{number}", role, "SYSTEM")
    one, two = site.browser("admin"), site.browser("admin2")
    one.get("/admin/roles/")
    assert one.post("/admin/approvals/separate", {"on": "1", "reason": "等级保护"}).status_code == 302
    assert two.post(approval(two.get("/admin/approvals/").text)).status_code == 302
    browsers = {role: site.browser(f"san{number}") for number, role in enumerate(PARTS)}
    return {**browsers, "admin": one, "clerk": site.browser(CLERK)}


def test_each_page_is_for_its_part_where_rights_are_separated(site: Site) -> None:
    for role, browser in separate(site).items():
        shown = browser.get("/inbox").text
        for address, roles in PAGES.items():
            assert browser.get(address).status_code == (200 if role in roles else 403), (role, address)
            if address.count("/") == 3 and role not in roles:
                assert f'href="{address}"' not in shown, (role, address)


def test_an_auditor_reads_cases_and_finds_no_button(site: Site) -> None:
    browser = site.browser("shenji")
    page = browser.get("/audit")
    assert page.status_code == 200
    address = re.search(r'href="(/instances/\d+)"', page.text)
    assert address is not None
    assert browser.get(address[1]).status_code == 200
    assert browser.get("/admin/people/").status_code == 403
    reads = texts(site.browser("admin").get("/admin/logs/reads").text)
    assert "审计查阅" in reads
    # Whatever is not opened to auditors is refused: every page that needs no number, whether it is known today or not.
    open_to_auditors = {
        "/audit",
        "/messages/",
        "/messages/count",
        "/messages/settings",
        "/password",
        "/sessions",
    }
    open_to_auditors |= {"/healthz", "/changes"}
    for rule in site.app.url_map.iter_rules():
        known = rule.rule in open_to_auditors or rule.endpoint in PUBLIC
        if rule.arguments or "GET" not in (rule.methods or ()) or known:
            continue
        answer = browser.get(rule.rule)
        if rule.rule == "/":
            assert (answer.status_code, answer.location) == (302, "/audit")
        else:
            assert answer.status_code == 403, rule.rule
    site.clock.advance(timedelta(days=91))
    later = site.anonymous()
    from workflows.demo import PASSWORD

    later.sign_in("shenji", PASSWORD)
    assert later.get("/audit").status_code == 403
    assert later.get(address[1]).status_code == 404


def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    browser = site.browser(CLERK)
    kept = browser.client.get_cookie("session")
    assert kept is not None
    browser.post("/sign-out")
    browser.client.set_cookie("session", kept.value)
    assert browser.get("/inbox").location.startswith("/sign-in")


def test_ones_own_sessions_are_shown_and_ended_and_nobody_elses(site: Site) -> None:
    here, there, other = site.browser(CLERK), site.browser(CLERK), site.browser("admin")
    page = here.get("/sessions").text
    (number,) = re.findall(r'action="/sessions/(\d+)/end"', page)
    other.get("/inbox")
    assert other.post(f"/sessions/{number}/end").status_code == 404
    assert here.post(f"/sessions/{number}/end").status_code == 302
    assert there.get("/inbox").status_code == 302
    third = site.browser(CLERK)
    here.get("/sessions")
    assert here.post("/sessions/end-others").status_code == 302
    assert third.get("/inbox").status_code == 302
    assert here.get("/inbox").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/admin/people/a%00b", "/admin/people/' OR 1=1", "/admin/units/%00", "/admin/people/?text=%00&org=%00"],
)
def test_hostile_addresses_find_nothing(site: Site, address: str) -> None:
    assert site.browser("admin").get(address).status_code in (200, 404)


def test_contact_data_are_kept_and_the_record_keeps_private_addresses_out(site: Site) -> None:
    browser = site.browser("admin")
    browser.get(f"/admin/people/{CLERK}")
    given = {"phone": "0999-3612345 转 8", "mobile": "138 0000 1234", "email": "gao@example.gov.cn"}
    assert browser.post(f"/admin/people/{CLERK}/contact", given).status_code == 302
    page = browser.get(f"/admin/people/{CLERK}").text
    assert 'value="13800001234"' in page
    assert 'value="gao@example.gov.cn"' in page
    log = texts(browser.get(f"/admin/logs/?text={CLERK}").text)
    assert "办公电话：（空） → 0999-3612345 转 8" in log
    assert "13800001234" not in log
    for name, value in (("phone", "call me"), ("mobile", "12"), ("email", "x")):
        assert browser.post(f"/admin/people/{CLERK}/contact", {**given, name: value}).status_code == 422


def test_working_days_are_imported_and_come_out_again(site: Site) -> None:
    browser = site.browser("admin")
    browser.get("/admin/settings/")

    def send(rows: list[tuple[object, ...]]) -> int:
        file = (io.BytesIO(workbook([Sheet("工作日历", ("日期", "安排", "名称"), rows)])), "日历.xlsx")
        return browser.post(
            "/admin/settings/working-days", {"file": file}, content_type="multipart/form-data"
        ).status_code

    assert send([("2028-01-01", "放假", "元旦"), ("2028-01-08", "上班", "")]) == 302
    again = browser.get("/admin/settings/working-days.xlsx").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(again)).get_sheet_by_index(0).to_python()
    assert [(str(row[0]), row[1]) for row in rows if str(row[0]).startswith("2028")] == [
        ("2028-01-01", "放假"),
        ("2028-01-08", "上班"),
    ]
    assert send([("2028-01-01", "也许", "")]) == 422
    assert send([("元旦", "放假", "")]) == 422
    assert send([]) == 422
