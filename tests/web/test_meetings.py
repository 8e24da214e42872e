"""上会 in the browser: an agenda from the chair's inbox, one table of decisions, the minutes, results item by item."""

from __future__ import annotations

import io
import re
from datetime import date

from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import letters
from budget.letters import LetterKind
from budget.tables import PublicationObjection
from tests.web.conftest import Site
from tests.web.test_publications import agreed
from workflows.letter.starting import PROCESS, start

CLERK, CHAIR = "jixiao.guzhang", "fenguan"


def to_sign(site: Site) -> int:
    """Bring minutes that are to be signed to the chair's inbox."""
    engine, author = site.engine, site.engine.actor(CLERK)
    with engine.database.read() as unit, Session(unit.connection) as session:
        asked = start(session, LetterKind.MINUTES, None, None, now=site.clock.now())
    instance = int(engine.start(PROCESS, actor=author, variables=asked.variables).instance_id)
    (holder,) = engine.instance(instance, author).holders
    task = engine.task(holder.item_id, author)
    said = task.variables["letter"]
    answers = {name: said[name] for name in ("title", "addressee", "text")}
    engine.complete(task.item_id, actor=author, version=task.version, outcome="送签发", answers=answers)
    return instance


def test_a_meeting_is_prepared_recorded_printed_and_held(site: Site) -> None:
    cases = [to_sign(site) for _ in range(2)]
    clerk, chair = site.browser(CLERK), site.browser(CHAIR)
    clerk.get("/meetings")
    given = {"kind": "BUREAU", "title": "研究公文", "held_on": "2026-03-11", "chair": CHAIR, "place": "三楼"}
    assert clerk.post("/meetings", {**given, "chair": "nobody"}).headers["Location"].endswith("/meetings")
    address = clerk.post("/meetings", given).headers["Location"]
    page = clerk.get(address).text
    waiting = re.findall(r'name="item" value="(\d+)"', page)
    assert waiting
    clerk.post(f"{address}/agenda", {"item": [*waiting, "999999"]})
    ids = re.findall(r'name="decision-(\d+)"', clerk.get(address).text)
    assert len(ids) == len(waiting)
    clerk.post(f"{address}/agenda", {"off": ids[-1]}) if len(ids) > len(cases) else None
    assert site.browser("jiaotongju.jingban").get(address).status_code == 404
    assert site.browser("juzhang").get(address).status_code == 404, "another leader's meeting"

    assert "签发" in clerk.get(address).text
    text = PdfReader(io.BytesIO(clerk.get(f"{address}.pdf").data)).pages[0].extract_text()
    assert "局长办公会2026年第1次会议" in text.replace(" ", "")
    chair.get(address)
    chair.post(f"{address}/hold", {})
    assert "先写明每一项的决定" in chair.get(address).text

    ids = re.findall(r'name="decision-(\d+)"', clerk.get(address).text)
    decisions = {f"decision-{id}": "签发" for id in ids} | {f"remark-{ids[0]}": "尽快印发"}
    minutes = {"minutes": (io.BytesIO(b"%PDF-1.7 minutes of the meeting"), "纪要.pdf")}
    clerk.post(f"{address}/decisions", decisions | minutes, content_type="multipart/form-data")
    assert "尽快印发" in clerk.get(address).text
    assert clerk.get(f"{address}/minutes").data == b"%PDF-1.7 minutes of the meeting"
    assert site.browser("juzhang").get(f"{address}/minutes").status_code == 404
    clerk.post(f"{address}/hold", {})
    assert "已办理" not in clerk.get(address).text, "only the chair lets cases move"
    chair.post(f"{address}/hold", {})
    assert chair.get(address).text.count("已办理") >= len(cases)
    shown = clerk.get(f"/instances/{cases[0]}").text
    assert "局长办公会2026年第1次会议" in shown
    assert "纪要.pdf" in shown


def test_a_step_that_needs_its_form_is_filled_in_at_the_meeting_and_the_minutes_are_a_letter(
    site: Site,
) -> None:
    staff, chair, engine = site.browser("jixiao.guyuan"), site.browser(CLERK), site.engine
    case = agreed(site, notice_days=5)
    (holder,) = engine.instance(case, engine.actor("jixiao.guyuan")).holders
    task = engine.task(holder.item_id, engine.actor("jixiao.guyuan"))
    engine.complete(
        task.item_id,
        actor=engine.actor("jixiao.guyuan"),
        version=task.version,
        outcome="登记异议",
        answers={"received_on": site.clock.now().date().isoformat(), "way": "PHONE", "content": "里程不实"},
    )
    staff.get("/meetings")
    given = {"kind": "EXPERT", "title": "研究异议", "held_on": "2026-03-11", "chair": CLERK}
    assert "zhuanjia1" in staff.get("/meetings").text
    wrong = staff.post("/meetings", {**given, "kind": "BUREAU", "chair": "zhuanjia1"})
    assert wrong.headers["Location"].endswith("/meetings"), "an expert presides over experts"
    address = staff.post("/meetings", given).headers["Location"]
    (item,) = engine.instance(case, engine.actor(CLERK)).holders
    staff.post(f"{address}/agenda", {"item": [str(item.item_id)]})
    page = staff.get(address).text
    (row,) = re.findall(r'name="decision-(\d+)"', page)
    assert f"{address}/items/{row}" in page
    staff.post(f"{address}/decisions", {f"decision-{row}": "", f"remark-{row}": "先不决定"})
    assert "先不决定" in staff.get(address).text, "a remark without a decision is kept"
    decided = {f"decision-{row}": "异议不成立", f"remark-{row}": "按批复执行"}
    staff.post(f"{address}/decisions", decided)

    begun = staff.post(f"{address}/minutes", {})
    letter = int(begun.headers["Location"].rpartition("/")[2])
    with engine.database.write() as unit, unit.savepoint() as session:
        (author,) = engine.instance(letter, engine.actor("jixiao.guyuan")).holders
        said = engine.task(author.item_id, engine.actor("jixiao.guyuan")).variables["letter"]
        assert "异议不成立。按批复执行" in said["text"]
        assert "专家会2026年第1次会议" in said["title"]
        letters.write(
            session, letter, title=said["title"], addressee="", copies_to="", text=said["text"], by="user:x"
        )
    assert staff.post(f"{address}/minutes/{letter}", {}).status_code == 404, "it isn't signed"
    with engine.database.write() as unit, unit.savepoint() as session:
        letters.sign(
            session, letter, pattern="纪〔{fiscal_year}〕{number}号", by="user:y", on=date(2026, 3, 11)
        )
    assert "用作本次会议的纪要" in staff.get(address).text
    staff.post(f"{address}/minutes/{letter}", {})
    assert "纪〔2026〕1号" in staff.get(address).text

    chair.get(address)
    chair.post(f"{address}/hold", decided)
    assert "没有办成" in chair.get(address).text
    form = f"{address}/items/{row}"
    assert site.browser("fenguan").get(form).status_code == 404, "another's meeting"
    assert "在办理页填写" in chair.get(form).text
    missing = staff.post(form, {"answer": ""})
    assert missing.status_code == 422
    assert "还有 1 处要填" in missing.text
    assert "还有 1 处要填" in chair.get(address).text
    assert staff.post(form, {"answer": "经核实与批复一致"}).status_code == 303
    assert "经核实与批复一致" in chair.get(form).text
    assert "已填" in chair.get(address).text
    chair.post(f"{address}/hold", decided)
    assert "已办结" in chair.get(address).text
    assert staff.get(form).status_code == 409, "it is closed"
    with engine.database.read() as unit, Session(unit.connection) as session:
        (objection,) = session.scalars(select(PublicationObjection)).all()
        assert (objection.upheld, objection.answer) == (False, "经核实与批复一致")
    files = [one.name for one in engine.instance(case, engine.actor(CLERK)).attachments]
    assert len(files) == 1
    assert files[0].startswith("纪〔2026〕1号"), "attached once, though it was held twice"
