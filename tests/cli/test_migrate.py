"""``bihuan migrate`` as an operator runs it: a plan to edit, a dry run, the migration, and the way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import SteppedClock
from engine.database import Home
from tests.cli.conftest import Bihuan
from tests.conftest import COUNTY, MORNING
from tests.engine.office import CHIEFS, Office, process, task
from tests.engine.test_backups import engine_of

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def test_a_plan_is_written_edited_tried_carried_out_and_undone(
    home: Home, bihuan: Bihuan, tmp_path: Path
) -> None:
    office = Office.open(engine_of(home, COUNTY, SteppedClock(MORNING)))
    first = office.run(process(task("fill"), task("check"), "s -> fill -> check -> e"))
    second = office.engine.start("p", actor=office.who("li"), variables={}).instance_id
    row = next(row for row in office.rows("li") if row.instance_id == second)
    office.engine.complete(row.item_id, actor=office.who("li"), version=row.version)
    office.engine.deploy(
        {"p.bpmn": process(task("fill"), task("sign", CHIEFS), "s -> fill -> sign -> e")}, actor="user:root"
    )
    at = ("migrate", "p", "--from", 1, "--to", 2, "--by", "wu", "--home", home.path)
    refused = bihuan(*at[:6], "--by", "li", "--home", home.path)
    assert (refused.status, "operator" in refused.told) == (2, True)
    assert bihuan("migrate", "p", "--by", "wu", "--home", home.path).status == 2
    tried = bihuan(*at, "--dry-run")
    assert tried.status == 1
    assert f"事项 {first}：fill → fill" in tried.output
    assert f"事项 {second} 不能迁移：停在“check”" in tried.output
    plan = tmp_path / "plan.json"
    assert bihuan(*at, "--write-plan", plan).status == 0
    edited = json.loads(plan.read_text())
    edited["mapping"]["p#check"] = "p#sign"
    plan.write_text(json.dumps(edited))
    done = json.loads(bihuan(*at, "--plan", plan, "--json").output)
    assert (done["done"], done["refused"]) == (2, [])
    assert office.view(second).active[0].element == "sign"
    undone = bihuan("migrate", "--undo", done["migration"], "--by", "wu", "--home", home.path)
    assert (undone.status, "撤销了 2 件，0 件没有" in undone.told) == (0, True)
    assert office.view(second).active[0].element == "check"
    plan.write_text("[]")
    assert bihuan(*at, "--plan", plan).status == 2
