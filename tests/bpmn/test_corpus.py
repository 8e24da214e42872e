"""Public collections of models: each file gets an answer quickly, and what is accepted also runs."""

from pathlib import Path
from random import Random

import pytest

from engine.bpmn.checks import check_files
from engine.bpmn.model import MultiInstance
from engine.bpmn.reader import read
from engine.play import play
from engine.plugins import load_plugins
from engine.runtime import Definition, Execution

CORPUS = Path(__file__).parents[3] / "shared" / "bpmn-corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
#: Why an instance may stop where nobody gives its variables, its decisions and the processes that it calls.
MISSING = {"feel.unknown_name", "gateway.no_flow", "loop.not_a_list", "decision.unknown", "call.not_there"}
PLUGINS = load_plugins(entry_points=False)

pytestmark = pytest.mark.skipif(
    not FILES, reason="the collection of public models is not beside the repository"
)


class Tosser:
    """A host that tosses a coin for each condition, always the same way."""

    def __init__(self):
        self.coin = Random(1)
        self.failures = []

    def evaluate(self, *_, what):
        if what == "inputCollection":
            return ["a", "b", "c"]
        assert what in ("condition", "completionCondition", "loopCondition")
        return self.coin.random() < 0.5

    def has_handler(self, _):
        return False

    def failed(self, _, error):
        self.failures.append(error.code)

    def entered(self, token, *_):
        assert token.id > 0

    perform = completed = opened = closed = cancelled = detour = entered
    repeats = counted = began = gathered = sent = happened = entered

    def condition(self, _):
        return self.coin.random() < 0.5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_gets_an_answer_quickly(path):
    (report,) = check_files({path.name: path.read_bytes()}, PLUGINS)
    assert report.verdict in ("accepted", "refused")
    assert report.seconds < 1
    for finding in report.findings:
        assert finding.message["zh"]
        assert finding.message["en"]


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.suffix == ".bpmn"], ids=lambda path: path.name
)
def test_what_is_accepted_runs_to_an_end(path):
    (report,) = check_files({path.name: path.read_bytes()}, PLUGINS)
    if report.verdict == "refused":
        pytest.skip(", ".join(sorted({finding.code for finding in report.findings if finding.blocks})))
    models, _ = read(path.read_bytes())
    by_id = {model.id: model for model in models}
    for model in models:
        if not model.called() <= by_id.keys() or model.start(None) is None:
            continue
        host = Tosser()
        execution = Execution.start(Definition.compile(model, by_id), host)
        execution.run()
        for _ in range(1000):
            waiting = [token for token in execution.waiting() if token.element.attached_to is None]
            for token in execution.parked():
                execution.resume(token.id)
            if waiting:
                execution.fire(waiting[0].id)
            execution.run()
        assert execution.ended
        assert set(host.failures) <= {"gateway.no_flow"}


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.suffix == ".bpmn"], ids=lambda path: path.name
)
def test_what_is_accepted_plays_by_itself_until_somebody_must_give_a_value(path):
    """Forms, decisions and called processes may be missing, and nobody gives the variables; all else must run."""
    (report,) = check_files({path.name: path.read_bytes()}, PLUGINS)
    if report.verdict == "refused":
        pytest.skip(", ".join(sorted({finding.code for finding in report.findings if finding.blocks})))
    models, _ = read(path.read_bytes())
    loops = [element.loop for model in models for element in model.elements.values()]
    collections = [loop.collection for loop in loops if isinstance(loop, MultiInstance)]
    names = {name for one in collections if one is not None for name in one.expression.free_names}
    variables = {name: ["a", "b"] for name in names}
    found = play({path.name: path.read_bytes()}, path.name, {"auto": True, "variables": variables}, PLUGINS)
    assert "error" not in found
    awaits = any(element.awaits for model in models for element in model.elements.values())
    assert found["state"] in ("ended", "incident", *(["waiting"] if awaits else []))
    assert {one["code"] for one in found["incidents"]} <= MISSING
