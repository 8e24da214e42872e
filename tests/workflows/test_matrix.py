"""The visibility matrix (domain §6.3) with real records: each cell is tried as its column's person reads, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from engine.errors import Forbidden, NotFound
from tests.workflows import matrix_county
from web.registers import reading, registers
from web.registers.reading import Filters

if TYPE_CHECKING:
    from engine.engine import Engine
    from tests.conftest import Settle

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

#: Who reads for each column; the last four must never see anything but what is given to them.
COLUMNS: Mapping[str, str] = {
    "unit": "li",
    "department": "du",
    "section": "wang",
    "perf": "zheng",
    "budget": "chen",
    "treasury": "ku",
    "invest": "ping",
    "supervision": "jian",
    "agency": "qin",
    "expert": "zhang",
    "congress": "gong",
    "other unit": "sun",
    "other section": "shao",
    "other agency": "xu",
    "other expert": "lv",
}
UNIT = {"unit", "department"}
OFFICES = {"section", "perf", "budget"}
CHECKERS = {"invest", "supervision"}
#: What a record is: the business, the project, and the document; and who reads it.
RECORDS: Mapping[str, tuple[CaseKind, str, str, set[str]]] = {
    "目标草稿": (CaseKind.GOAL, "C", "goal", {"unit"}),
    "已报未批的目标": (CaseKind.GOAL, "B", "goal", UNIT | OFFICES),
    "批复目标": (CaseKind.GOAL, "A", "goal", UNIT | OFFICES | CHECKERS | {"congress"}),
    "审核分": (CaseKind.GOAL, "A", "review", {"department"} | OFFICES),
    "监控表": (CaseKind.MONITORING, "A", "monitoring", UNIT | OFFICES | CHECKERS),
    "自评表": (CaseKind.SELF_EVALUATION, "A", "evaluation", UNIT | OFFICES | CHECKERS | {"congress"}),
    "重点评价底稿": (CaseKind.KEY_EVALUATION, "A", "papers", {"perf", "budget", "supervision", "agency"}),
    "评价报告初稿": (CaseKind.KEY_EVALUATION, "D", "draft", OFFICES | {"agency", "expert"}),
    "评价报告定稿": (
        CaseKind.KEY_EVALUATION,
        "A",
        "report",
        UNIT | OFFICES | CHECKERS | {"agency", "congress"},
    ),
    "整改通知书": (CaseKind.RECTIFICATION, "A", "notice", UNIT | OFFICES | CHECKERS | {"congress"}),
    "整改报告": (CaseKind.RECTIFICATION, "A", "report", UNIT | OFFICES | CHECKERS | {"congress"}),
    "拨付审批": (CaseKind.DISBURSEMENT, "A", "request", UNIT | OFFICES | CHECKERS | {"treasury"}),
}
#: Whose rows of project A each register shows.
REGISTERS: Mapping[str, set[str]] = {
    "goal": UNIT | OFFICES | CHECKERS | {"congress"},
    "monitoring": UNIT | OFFICES | CHECKERS,
    "self_evaluation": UNIT | OFFICES | CHECKERS | {"congress"},
    "key_evaluation": UNIT | OFFICES | CHECKERS | {"agency", "expert", "congress"},
    "rectification": UNIT | OFFICES | CHECKERS | {"congress"},
    "ledger": UNIT | OFFICES | CHECKERS,
    "disbursement": UNIT | OFFICES | CHECKERS | {"treasury"},
}


@pytest.fixture
def settle() -> Settle:
    """The county with its records, played once."""
    return matrix_county.settle


def instance(engine: Engine, kind: CaseKind, project: str) -> int:
    with engine.database.read() as unit, Session(unit.connection) as session:
        return matrix_county.instance(session, kind, project)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_read_by_those_whom_the_matrix_names_and_by_nobody_else(
    engine: Engine, name: str
) -> None:
    kind, project, document, expected = RECORDS[name]
    case, found = instance(engine, kind, project), set()
    for column, person in COLUMNS.items():
        try:
            view = engine.instance(case, engine.actor(person))
        except (Forbidden, NotFound):
            continue
        if any(one.name == document for one in view.documents):
            found.add(column)
    assert found == expected


@pytest.mark.parametrize("name", REGISTERS)
def test_a_register_shows_the_row_to_those_whom_the_matrix_names(engine: Engine, name: str) -> None:
    found = set()
    with engine.database.read() as unit, Session(unit.connection) as session:
        for column, person in COLUMNS.items():
            rows = reading.every(session, registers()[name], engine.actor(person), Filters(2026))
            if any(row.unit == "U1" for row in rows):
                found.add(column)
    assert found == REGISTERS[name]
