"""The instance page says what an instance waits for that is in nobody's hands."""

from __future__ import annotations

import pytest

from tests.engine.office import process
from tests.engine.test_correlation import ROOTS, WAIT
from tests.engine.test_time import timer
from tests.web.conftest import Site, texts
from tests.web.test_tasks import HEAD

SIGNAL = '<bpmn:signalEventDefinition signalRef="g"/>'
CONDITION = "<bpmn:conditionalEventDefinition><bpmn:condition>=done</bpmn:condition></bpmn:conditionalEventDefinition>"


@pytest.mark.parametrize(
    ("catch", "words"),
    [
        (WAIT.format("wait", "paid"), "等待消息“Paid”"),
        (f"intermediateCatchEvent wait | {SIGNAL}", "等待信号“year closed”"),
        (f"intermediateCatchEvent wait | {CONDITION}", "等待条件成立"),
        (timer("wait", "timeDuration", "P1D"), "等待定时或后台处理"),
    ],
)
def test_it_names_what_is_awaited(site: Site, catch: str, words: str) -> None:
    roots = ROOTS + '<bpmn:signal id="g" name="year closed"/>'
    source = process(catch, "s -> wait -> e", roots=roots)
    site.engine.deploy({"p.bpmn": source}, actor="system")
    started = site.engine.start("p", actor=site.engine.actor(HEAD), variables={"order": 7})
    page = texts(site.browser(HEAD).get(f"/instances/{started.instance_id}").text)
    assert words in page
    assert "流程已经结束" not in page


def test_a_message_that_came_is_told_in_the_record(site: Site) -> None:
    source = process(WAIT.format("wait", "paid"), "s -> wait -> e", roots=ROOTS)
    site.engine.deploy({"p.bpmn": source}, actor="system")
    started = site.engine.start("p", actor=site.engine.actor(HEAD), variables={"order": 7})
    site.engine.publish("Paid", 7, {"secret": "47-11"})
    page = texts(site.browser(HEAD).get(f"/instances/{started.instance_id}").text)
    assert "收到消息" in page
    assert "流程已经结束" in page
    assert "47-11" not in page
