"""Public collections of models: each file gets an answer quickly, and what is accepted also runs."""

from pathlib import Path

import pytest

from engine.bpmn.checks import check_files
from engine.bpmn.model import ServiceTask
from engine.bpmn.reader import read
from engine.plugins import load_plugins
from engine.runtime import Definition, Execution

CORPUS = Path(__file__).parents[3] / "shared" / "bpmn-corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
PLUGINS = load_plugins(entry_points=False)

pytestmark = pytest.mark.skipif(
    not FILES, reason="the collection of public models is not beside the repository"
)


class Passer:
    """A host for which every condition holds."""

    def __init__(self):
        self.failures = []

    def evaluate(self, token, expression, *, what):
        return True

    def has_handler(self, type):
        return False

    def failed(self, token, error):
        self.failures.append(error)

    def entered(self, token):
        pass

    perform = completed = opened = closed = cancelled = entered


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
        if not model.called() <= by_id.keys():
            continue
        host = Passer()
        execution = Execution.start(Definition.compile(model, by_id), host)
        execution.run()
        for _ in range(100):
            waiting = [token for token in execution.waiting() if token.element.attached_to is None]
            if not waiting:
                break
            execution.complete(waiting[-1].id)
            execution.run()
        assert host.failures == []
        looping = any(isinstance(token.element, ServiceTask) for token in execution.waiting())
        assert execution.ended or looping
