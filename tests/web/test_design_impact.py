"""影响分析 as JSON: what a draft changes, where cases stand, and ended cases replayed through it."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal

import pytest
from lxml import etree
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from budget.tables import Case, Project
from tests.web.conftest import Site
from tests.web.test_design_drafts import DESIGNER, send

PROCESS = "goal_declaration"


def test_a_draft_tells_what_it_changes_and_what_ended_cases_would_have_become(site: Site) -> None:
    browser = site.browser(DESIGNER)
    draft = send(browser, "POST", "/drafts", {"file": f"{PROCESS}.bpmn"}, 201)
    path = f"/drafts/{draft['id']}"
    wish = {"process": PROCESS, "limit": 6}
    unchanged = send(browser, "POST", f"{path}/replay", wish)
    assert unchanged["total"] == 6
    assert unchanged["same"] == 6, unchanged["cases"][0]
    found = send(browser, "POST", f"{path}/impact")
    assert found["changes"] == []
    (process,) = [one for one in found["processes"] if one["id"] == PROCESS]
    row = site.engine.process_rows("system", PROCESS)[0]
    assert process["running"] == [{"version": 1, "cases": row.running}]
    assert {one["goes_to"] for one in process["standing"]} >= {"fill_goal", "section_review"}
    steps = send(browser, "GET", f"{path}/steps")["steps"]
    (review,) = [one for one in steps if one["element"] == "section_review"]
    assert review["properties"]["approver"]["value"] == [{"role": "section_chief", "at": "=project.section"}]
    changes = [
        {
            "element": "section_review",
            "property": "approver",
            "value": [{"role": "perf_chief", "at": "PERF"}],
        },
        {"element": "fill_goal", "property": "name", "value": "填报目标"},
    ]
    changed = send(browser, "POST", "/steps", {"content": draft["content"], "changes": changes})
    send(browser, "PUT", path, {"content": changed["content"], "base": 1})
    told = send(browser, "POST", f"{path}/impact")["changes"]
    assert [(one["element"], one["change"], one["properties"][0]["name"]) for one in told] == [
        ("fill_goal", "changed", "name"),
        ("section_review", "changed", "assignmentDefinition.candidateGroups"),
    ]
    others = send(browser, "POST", f"{path}/replay", wish)
    assert (others["same"], others["other_way"], others["other_people"]) == (0, 0, 6)
    (asked,) = [one for one in others["cases"][0]["asked"] if one["element"] == "section_review"]
    assert asked["after"][0].endswith("绩效股负责人")
    send(browser, "DELETE", path, {"base": 2})
    routing = send(browser, "POST", "/drafts", {"file": "goal_routing.dmn"}, 201)
    stricter = routing["content"].replace('<text>"批复"</text>', '<text>"不得安排"</text>', 1)
    assert stricter != routing["content"]
    path = f"/drafts/{routing['id']}"
    send(browser, "PUT", path, {"content": stricter, "base": 1})
    compared = {"file": "goal_routing.dmn", "before": routing["content"], "after": stricter}
    assert len(send(browser, "POST", "/compare", compared)["changes"]) == 1
    refused = send(browser, "POST", f"{path}/replay", wish)
    assert 0 < refused["other_way"] == refused["other_end"], refused
    assert {one["after"][-1] for one in refused["cases"]} == {"rejected"}
    assert (
        send(browser, "POST", f"{path}/replay", {"process": "disbursement"}, 422)["code"]
        == "replay.untouched"
    )
    slow = send(browser, "GET", f"/processes/{PROCESS}/bottlenecks?days=365")["steps"]
    assert sum(one["share"] for one in slow) == pytest.approx(1, abs=0.01)
    assert [one["share"] for one in slow] == sorted((one["share"] for one in slow), reverse=True)


#: What an element of an event log holds, in this order, and the attributes that it must have (IEEE 1849, clause 5).
ATTRIBUTES = {"string", "date", "int", "float", "boolean", "id", "list"}
CONTENT = {
    "log": ["extension", "global", "classifier", "attribute", "trace", "event"],
    "trace": ["attribute", "event"],
    "event": ["attribute"],
}
NEEDED = {"log": {"xes.version"}, "extension": {"name", "prefix", "uri"}, "classifier": {"name", "keys"}}


def broken_rules(log: etree._Element) -> list[str]:
    """Return what of an event log isn't as the standard's schema says."""
    found = []
    prefixes = {one.get("prefix") for one in log.iter("{*}extension")}
    for element in log.iter():
        name = etree.QName(element).localname
        kind = "attribute" if name in ATTRIBUTES else name
        order = CONTENT.get(name, [])
        inside = [etree.QName(child).localname for child in element]
        places = [order.index("attribute" if one in ATTRIBUTES else one) for one in inside]
        if places != sorted(places):
            found.append(f"{name} holds {inside}")
        if not set(element.keys()) >= NEEDED.get(name, {"key", "value"} if kind == "attribute" else set()):
            found.append(f"{name} has {element.keys()}")
        prefix, colon, _ = element.get("key", "").partition(":")
        if colon and prefix not in prefixes:
            found.append(f"{element.get('key')} is of no extension")
        if name == "date" and datetime.fromisoformat(element.get("value", "")).tzinfo is None:
            found.append(f"{element.get('value')} has no zone")
        if name == "int" and not element.get("value", "").lstrip("-").isdecimal():
            found.append(f"{element.get('value')} is no number")
    Decimal(log.get("xes.version", ""))
    return found


def test_the_event_log_has_steps_times_and_posts_and_nothing_secret(site: Site) -> None:
    with site.engine.database.write() as unit, Session(bind=unit.connection) as session:
        case = session.scalars(
            select(Case).where(Case.project_id.is_not(None)).order_by(Case.instance_id)
        ).first()
        assert case is not None
        secret = case.instance_id
        session.execute(update(Project).where(Project.id == case.project_id).values(secret_flag=True))
        session.flush()
    operator = site.browser("yunwei1")
    assert f"/operate/processes/{PROCESS}/log.xes" in operator.get(f"/operate/processes/{PROCESS}").text
    log = etree.fromstring(operator.get(f"/operate/processes/{PROCESS}/log.xes?days=0").data)
    xes = "{http://www.xes-standard.org/}"
    assert broken_rules(log) == []
    traces = log.findall(f"{xes}trace")
    names = {one.find(f"{xes}string[@key='concept:name']").get("value") for one in traces}
    row = site.engine.process_rows("system", PROCESS)[0]
    assert 0 < len(names) < row.running + row.versions[0].ended
    assert str(secret) not in names
    for trace in traces:
        times = [one.get("value") for one in trace.iter(f"{xes}date")]
        assert times == sorted(times)
    answer = operator.get(f"/operate/processes/{PROCESS}/log.csv?days=0")
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {one["case"] for one in lines} == names
    done = [one for one in lines if one["element"] == "section_review" and one["lifecycle"] == "complete"]
    assert done
    assert {one["role"] for one in done} == {"section_chief"}
    assert all(one["outcome"] for one in done)
    everybody = {name for _, name in site.engine.people.people()}
    assert not [name for name in everybody if name in answer.data.decode()]
