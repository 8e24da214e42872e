"""上会 in the browser: an agenda from the chair's inbox, one table of decisions, the minutes, results item by item."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader
from sqlalchemy.orm import Session

from budget.letters import LetterKind
from tests.web.conftest import Site
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
    assert clerk.post("/meetings", {**given, "chair": "nobody"}).status_code == 400
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
