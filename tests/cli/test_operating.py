"""``bihuan incidents``, ``intervene``, ``proposals`` and ``confirm`` as operators run them."""

from __future__ import annotations

import json

import pytest

from engine import SteppedClock
from engine.database import Home
from tests.cli.conftest import Bihuan
from tests.conftest import COUNTY, MORNING
from tests.engine.office import FILL_AND_REVIEW, Office
from tests.engine.test_backups import engine_of
from tests.engine.test_repairs import GATE

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


@pytest.fixture
def office(home: Home) -> Office:
    return Office.open(engine_of(home, COUNTY, SteppedClock(MORNING)))


def test_incidents_are_listed_mended_and_tried_again(office: Office, home: Home, bihuan: Bihuan) -> None:
    at = ("--home", home.path)
    assert bihuan("incidents", *at).status == 0
    instance = office.run(GATE, {})
    listed = bihuan("incidents", "--process", "p", *at)
    assert listed.status == 1
    assert f"事项 {instance}（p）gate：" in listed.output
    (entry,) = json.loads(bihuan("incidents", "--element", "gate", "--json", *at).output)
    assert (entry["instance"], entry["code"]) == (instance, "feel.unknown_name")
    assert bihuan("incidents", "--retry", *at).status == 1
    values = ("--params", '{"values": {"amount": 9}}', "--reason", "补数据")
    refused = bihuan("intervene", "set_variables", "--case", instance, *values, "--by", "li", *at)
    assert (refused.status, "operator" in refused.told) == (2, True)
    assert bihuan("intervene", "set_variables", "--case", instance, *values, "--by", "wu", *at).status == 0
    retried = bihuan("incidents", "--retry", *at)
    assert (retried.status, "重试 1 个，其中 0 个又出错" in retried.told) == (0, True)
    assert office.row("wang").step == "review"


def test_one_person_proposes_and_another_confirms(office: Office, home: Home, bihuan: Bihuan) -> None:
    office.engine.set_setting("second_person", ["terminate"], "user:root")
    first, second = office.run(FILL_AND_REVIEW), office.run(FILL_AND_REVIEW)
    at = ("--home", home.path, "--lang", "en")
    for instance in (first, second):
        asked = bihuan("intervene", "terminate", "--case", instance, "--reason", "doubled", "--by", "wu", *at)
        assert (asked.status, "takes two people" in asked.told) == (0, True)
    listed = bihuan("proposals", *at)
    assert (listed.status, listed.output.count("terminate")) == (1, 2)
    alone = bihuan("confirm", 1, "--by", "wu", *at)
    assert (alone.status, "Another person" in alone.told) == (2, True)
    assert bihuan("confirm", 1, "--by", "zheng", *at).status == 0
    assert bihuan("confirm", 2, "--by", "zheng", "--decline", "not doubled", *at).status == 0
    assert [office.view(one).state for one in (first, second)] == ["terminated", "waiting"]
    assert bihuan("proposals", *at).status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("suspend", "--reason", "x", "--by", "wu"),
        ("suspend", "--case", "1", "--reason", "x", "--by", "wu", "--params", "[]"),
        ("suspend", "--case", "99", "--reason", "x", "--by", "wu"),
        ("erase", "--case", "1", "--reason", "x", "--by", "wu"),
        ("skip", "--case", "1", "--reason", "x", "--by", "nobody"),
        ("jump", "--case", "1", "--reason", "x", "--by", "wu"),
    ],
    ids=["no target", "no object", "no such case", "no such operation", "no such person", "no parameters"],
)
def test_a_call_that_can_not_be_understood_changes_nothing(
    office: Office, home: Home, bihuan: Bihuan, arguments: tuple[str, ...]
) -> None:
    instance = office.run(FILL_AND_REVIEW)
    assert bihuan("intervene", *arguments, "--home", home.path).status == 2
    assert office.view(instance).state == "waiting"
