"""Standard loops in the engine: the counter, rounds, and that nothing of the loop leaves it."""

from __future__ import annotations

from engine.play import play
from engine.plugins import load_plugins
from tests.engine.office import CLERKS, Office, process, task
from tests.runtime.drawing import SCRIPT, again

UNTIL_GOOD = again('outcome != "好"', zeebe=f"<zeebe:userTask/>{CLERKS}")
LAPS = process(
    f"userTask fill | {UNTIL_GOOD}",
    task("after"),
    "s -> fill -> after -> e",
)


def test_a_step_is_repeated_until_its_outcome_is_good(office: Office) -> None:
    office.run(LAPS)
    for lap in (1, 2, 3):
        row = office.row("li")
        variables = office.engine.task(row.item_id, office.who("li")).variables
        assert (row.element, row.round, variables["loopCounter"]) == ("fill", lap, lap)
        office.do("li", "好" if lap == 3 else "再来")
    row = office.row("li")
    assert row.element == "after"
    assert "loopCounter" not in office.engine.task(row.item_id, office.who("li")).variables


def test_a_play_repeats_and_its_path_has_the_activity_once() -> None:
    source = process(
        f"scriptTask double | {again('n < 100', zeebe=SCRIPT.format('n * 2', 'n'))}", "s -> double -> e"
    )
    result = play({"p.bpmn": source}, "p.bpmn", {"variables": {"n": 1}}, load_plugins(entry_points=False))
    assert (result["state"], result["variables"]["n"]) == ("ended", 128)
    assert result["path"] == ["s", "double", "e"]
