"""执行数据 and the scatter: a trial before anything is written, tokens for other systems, who sees what."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.tables import ExecutionFigure, Project, Unit
from tests.web.conftest import Browser, Site, hidden, on_both, texts

STAFF, CHIEF, CLERK = "yusuan.guyuan", "guoku.guzhang", "jiaotongju.jingban"


def projects(site: Site, *, secret: bool = False) -> list[Project]:
    """Return this year's projects of units that are (not) secret, by code."""
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        query = (
            select(Project)
            .join(Unit, Unit.code == Project.unit)
            .where(
                Project.fiscal_year == site.engine.setting("year"),
                (Project.secret_flag | Unit.secret_flag) == secret,
            )
            .order_by(Project.code)
        )
        return list(session.scalars(query))


def known(site: Site) -> int:
    with site.engine.database.read() as unit:
        return int(unit.execute(select(func.count()).select_from(ExecutionFigure)).scalar_one())


def workbook(*rows: tuple[Any, ...], headings: tuple[str, ...] = ("项目编码", "累计执行数（万元）")) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("执行数据")
        for at, row in enumerate((headings, *rows)):
            page.write_row(at, 0, row)
    return stream.getvalue()


def confirmation(page: str) -> str:
    """Return the part of a page that asks whether the rows are to be written; the header has a form with a year too."""
    return page[page.index('action="/execution/apply"') :]


def upload(browser: Browser, content: bytes, name: str = "5月.xlsx", month: int = 5) -> Any:
    return browser.post("/execution", {"month": str(month), "file": (io.BytesIO(content), name)})


def test_a_file_is_tried_first_and_written_when_it_is_confirmed(site: Site) -> None:
    first, second = projects(site)[:2]
    browser = site.browser(STAFF)
    tried = upload(browser, workbook((first.code, 12.5), (second.code, 7)))
    assert tried.status_code == 200
    assert "12.50" in tried.text
    assert known(site) == 0
    fields = {
        name: hidden(confirmation(tried.text), name) for name in ("rows", "year", "month", "unit", "name")
    }
    applied = browser.post("/execution/apply", fields)
    assert applied.status_code == 303
    assert known(site) == 2
    page = texts(browser.get("/execution").text)
    assert "19.50" in page
    again = upload(browser, workbook((first.code, 12.5), (second.code, 8)))
    assert "与系统里的完全一样" not in again.text
    assert {"不变", "修改"} <= set(texts(again.text).split())


def test_one_wrong_row_stops_all_and_each_is_named(site: Site) -> None:
    (first, *_), (hushed, *_) = projects(site), projects(site, secret=True)
    browser = site.browser(STAFF)
    rows = ((first.code, 1), ("没有这个", 1), (hushed.code, 1), (first.code, "不少"))
    tried = upload(browser, workbook(*rows))
    assert tried.status_code == 422
    said = texts(tried.text)
    assert "没有编码“没有这个”" in said
    assert "涉密，执行数不得导入" in said
    assert "出现了2次" in said
    assert "“不少”不是数字" in said
    assert hushed.name not in said
    assert "确认导入" not in tried.text.split("</table>")[1]
    fields = {"rows": json.dumps([[2, "没有这个", "1", "", None]]), "month": "5", "unit": "万元"}
    assert browser.post("/execution/apply", fields).status_code == 422
    assert known(site) == 0


def test_a_csv_in_the_encoding_of_old_office_programs_is_read(site: Site) -> None:
    (first, *_) = projects(site)
    content = f"项目编码,预算,累计执行数（元）\n{first.code},一般公共预算,125000.00\n".encode("gb18030")
    tried = upload(site.browser(STAFF), content, "执行.csv")
    assert tried.status_code == 200
    assert "12.50" in tried.text


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04nothing", "a.xlsx"),
        (b"\xff\xfe\x00\x81", "a.csv"),
        (b"a,b\n1,2\n", "a.csv"),
        (workbook(), "a.xlsx"),
    ],
)
def test_what_is_no_table_of_figures_is_refused(site: Site, content: bytes, name: str) -> None:
    refused = upload(site.browser(STAFF), content, name)
    assert refused.status_code == 422
    assert known(site) == 0


def test_what_is_odd_is_told_and_taken(site: Site) -> None:
    (first, *_) = projects(site)
    tried = upload(site.browser(STAFF), workbook((first.code, 9_999_999)))
    assert tried.status_code == 200
    assert "超过全年预算" in tried.text


class TestOtherSystems:
    """POST /api/v1/execution: with a token, or signed in with the CSRF token."""

    def send(self, site: Site, token: str | None, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return site.app.test_client().post("/api/v1/execution", json=body, headers=headers)

    def token(self, site: Site) -> str:
        page = site.browser(CHIEF).post("/execution/tokens", {"name": "支付系统"}).text
        return page.split('<code class="token">')[1].split("<")[0]

    @on_both
    def test_a_token_registers_all_rows_or_none(self, site: Site) -> None:
        first, second = projects(site)[:2]
        token = self.token(site)
        rows = [{"project": first.code, "amount": "125000.00"}, {"project": second.code, "amount": 5}]
        tried = self.send(site, token, month=5, unit="yuan", figures=rows, dry_run=True)
        assert (tried.status_code, tried.json["counts"], known(site)) == (200, {"new": 2}, 0)
        sent = self.send(site, token, month=5, unit="yuan", figures=rows, note="支付系统5月末")
        assert (sent.status_code, sent.json["registered"]) == (200, 2)
        assert self.send(site, token, month=5, unit="yuan", figures=rows).json["registered"] == 0
        wrong = self.send(site, token, month=6, figures=[*rows, {"project": "没有", "amount": 1}])
        assert wrong.status_code == 422
        assert [line["row"] for line in wrong.json["lines"] if line["result"] == "error"] == [3]
        with site.engine.database.read() as unit, Session(unit.connection) as session:
            figure = session.scalars(
                select(ExecutionFigure).where(ExecutionFigure.project_id == first.id)
            ).one()
            assert (figure.amount, figure.source, figure.imported_by) == (
                12_500_000,
                "REST",
                "token:支付系统",
            )
            assert figure.note == "支付系统5月末"

    def test_without_a_token_nothing_is_taken(self, site: Site) -> None:
        token = self.token(site)
        assert self.send(site, None, month=5, figures=[]).status_code == 401
        assert self.send(site, "falsch", month=5, figures=[]).status_code == 401
        site.browser(CHIEF).post("/execution/tokens/revoke", {"name": "支付系统"})
        assert self.send(site, token, month=5, figures=[]).status_code == 401

    def test_the_secret_itself_is_kept_nowhere(self, site: Site) -> None:
        token = self.token(site)
        assert token not in json.dumps(site.engine.setting("execution_tokens"))

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"month": 13, "figures": [{}]},
            {"month": 5, "figures": []},
            {"month": 5, "unit": "usd", "figures": [{}]},
        ],
    )
    def test_a_body_that_means_nothing_is_refused(self, site: Site, body: dict[str, Any]) -> None:
        assert self.send(site, self.token(site), **body).status_code == 400

    def test_who_is_signed_in_needs_the_csrf_token_and_the_role(self, site: Site) -> None:
        (first, *_) = projects(site)
        body = {"month": 5, "figures": [{"project": first.code, "amount": 1}]}
        for person, expected in ((STAFF, 200), (CLERK, 403)):
            browser = site.browser(person)
            forged = browser.client.post("/api/v1/execution", json=body)
            assert forged.status_code == 400
            headers = {"X-CSRFToken": browser.token}
            assert (
                browser.client.post("/api/v1/execution", json=body, headers=headers).status_code == expected
            )


@pytest.mark.parametrize("address", ["/execution", "/execution/template.xlsx"])
def test_only_who_imports_sees_the_figures(site: Site, address: str) -> None:
    assert site.browser(STAFF).get(address).status_code == 200
    assert site.browser(CLERK).get(address).status_code == 403
    assert 'href="/execution"' not in site.browser(CLERK).get("/inbox").text


def test_only_a_chief_makes_tokens(site: Site) -> None:
    staff = site.browser(STAFF)
    assert staff.post("/execution/tokens", {"name": "x"}).status_code == 403
    assert "生成接口口令" not in staff.get("/execution").text


def test_amounts_are_rounded_to_the_fen(site: Site) -> None:
    (first, *_) = projects(site)
    browser = site.browser(STAFF)
    tried = upload(browser, workbook((first.code, "0.1234567")))
    fields = {
        name: hidden(confirmation(tried.text), name) for name in ("rows", "year", "month", "unit", "name")
    }
    browser.post("/execution/apply", fields)
    with site.engine.database.read() as unit:
        assert unit.execute(select(ExecutionFigure.amount)).scalar_one() == 123_457
