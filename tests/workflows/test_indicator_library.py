"""Indicators come into the library: prepared by an office, argued for by an expert, finalised, used, replaced, retired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.orm import Session

from budget import library
from budget.library import LibraryState
from engine.errors import InvalidAnswers
from tests.workflows.county import County, open_county
from tests.workflows.test_accountability import do, mine
from workflows import profiles
from workflows.indicator_library.starting import PROCESS, start

if TYPE_CHECKING:
    from engine.engine import Engine

ROAD = {
    "type": "ENGINEERING",
    "level1": "OUTPUT",
    "level2": "QUANTITY",
    "name": "改造农村公路里程",
    "operator": "GE",
    "target": "12.5",
    "unit": "公里",
    "standard_kind": "EXPENSE",
    "standard": "农村公路养护定额",
}
PASSED = ROAD | {
    "level2": "QUALITY",
    "name": "工程验收合格率",
    "operator": "EQ",
    "target": "100",
    "unit": "%",
}


@pytest.fixture
def county(engine: Engine) -> County:
    return open_county(engine)


def propose(county: County, *rows: dict[str, Any], experts: bool = True) -> None:
    request = start("S04", "经建股", rows, "精品样本：公路项目", profiles.load("qapqal"))
    rules = dict(request.variables["profile"])
    rules["library"] = dict(rules["library"]) | {"experts": experts}
    request.variables["profile"] = rules  # type: ignore[index]
    (started,) = county.engine.start_many(PROCESS, [request], actor=county.who("qian"))
    county.instance = started.instance_id


def listed(county: County, retired: bool = False) -> list[Any]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = library.listed(session, retired=retired)
        return [(one.name, one.version, one.state, one.standard_kind) for one in found]


def publish(county: County, **final: Any) -> None:
    do(county, "qian", "送论证", {"indicators": mine(county, "qian").answers["indicators"]})
    do(county, "wu", "发布", {"note": "同意发布"} | final)


class TestTheLibrary:
    """From the proposal to the goals that use it."""

    def test_a_batch_is_argued_for_and_published_without_what_is_left_out(self, county: County) -> None:
        propose(county, ROAD, PASSED)
        rows = mine(county, "qian").answers["indicators"]
        named = [rows[0] | {"name": "县交通运输局公路里程", "unit": ""}, rows[1] | {"level2": "SOCIAL"}]
        with pytest.raises(InvalidAnswers) as caught:
            do(county, "qian", "送论证", {"indicators": named})
        assert {one.code for one in caught.value.findings} == {
            "library.unit_named",
            "library.unit",
            "library.levels",
        }
        do(county, "qian", "送论证", {"indicators": rows})
        assert county.element() == "argue"
        do(county, "zhang", "修改后入库", {"conclusion": "第2条过于通用", "opinions": []})
        with pytest.raises(InvalidAnswers):
            do(county, "wu", "发布", {"note": "都不用", "left_out": "1、2"})
        do(county, "wu", "发布", {"note": "第2条不采用", "left_out": "2"})
        assert listed(county) == [("改造农村公路里程", 1, "PUBLISHED", "EXPENSE")]
        assert county.element() is None
        assert county.engine.doctor() == []

    def test_the_same_name_becomes_the_next_version_and_a_goal_that_has_it_counts_as_use(
        self, county: County
    ) -> None:
        goal = county.instance
        for _ in range(2):
            propose(county, ROAD, experts=False)
            publish(county)
        assert [one[:3] for one in listed(county)] == [("改造农村公路里程", 2, "PUBLISHED")]
        assert [one[:3] for one in listed(county, retired=True)] == [("改造农村公路里程", 1, "RETIRED")]
        county.instance = goal
        form = county.form()
        form["indicators"][0]["level3_name"] = "改造农村公路里程"
        county.do("li", "提交", form)
        county.sign()
        with county.engine.database.write() as unit, unit.savepoint() as session:
            (one,) = library.listed(session)
            assert library.uses(session, [one]) == {one.id: 1}
            now = county.engine.clock.now()
            assert library.retire(session, one.id, by="user:wu", reason="标准已废止", now=now)
            assert not library.retire(session, one.id, by="user:wu", reason="再次", now=now)
            assert (library.listed(session), one.state) == ([], LibraryState.RETIRED)

    def test_it_goes_back_to_the_office_or_is_not_taken(self, county: County) -> None:
        propose(county, ROAD, experts=False)
        do(county, "qian", "送论证", {"indicators": [ROAD]})
        do(county, "wu", "退回修改", opinion="写明单位")
        assert county.element() == "collect"
        do(county, "qian", "送论证", {"indicators": [ROAD]})
        do(county, "wu", "不予采用", opinion="已有同类指标")
        assert (county.element(), listed(county)) == (None, [])
