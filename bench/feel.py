"""FEEL and DMN: evaluations a second, parsed once and each time, beside feelin in Node and stock SpiffWorkflow."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

from bench.measure import Report
from engine import dmn, feel
from engine.feel.expression import build

ROWS = [
    {"amount": number, "name": f"n{number}", "weight": 0.1, "done": number % 2 == 0} for number in range(50)
]
CONTEXT: dict[str, Any] = {
    "score": 86,
    "x": 5,
    "h": "a",
    "goal": {"annual_amount": 12_345, "section": "S03", "rows": ROWS},
    "rows": ROWS,
}
EXPRESSIONS = {
    "comparison": "score >= 85",
    "condition": 'score >= 85 and h = "a"',
    "decimal sum": "0.1 + 0.2 = 0.3",
    "grade": 'if score >= 90 then "A" else if score >= 80 then "B" else "C"',
    "member of a large context": "goal.annual_amount > 10000",
    "sum of 50 rows": "sum(goal.rows.amount)",
    "filter of 50 rows": "count(rows[amount > 25])",
    "loop of 100": "for i in 1..100 return i * 2",
    "dates": 'date("2026-05-31") < date("2026-06-01")',
}
RULES = 12
COMPARISON_A_SECOND = 100_000
TABLE_A_SECOND = 5_000
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def run(*, quick: bool = False, only: str | None = None) -> Report:  # noqa: ARG001
    """Measure every expression and the table; ``only`` (a database) has no meaning here."""
    seconds = 0.05 if quick else 1.0
    report = Report("feel")
    for name, text in EXPRESSIONS.items():
        expression = feel.compile(text)
        _add(report, f"bihuan, {name}", lambda e=expression: e.evaluate(CONTEXT), seconds)
        _add(report, f"bihuan, {name}, parsed each time", lambda t=text: _parse(t).evaluate(CONTEXT), seconds)
    _feelin(report, seconds)
    _tables(report, seconds)
    rates = {row["name"]: row["per_second"] for row in report.rows}
    report.budget(
        "simple comparison", 1e6 / rates["bihuan, comparison"], 1e6 / COMPARISON_A_SECOND, unit="µs"
    )
    report.budget("12-rule table", 1e6 / rates["bihuan, 12-rule table"], 1e6 / TABLE_A_SECOND, unit="µs")
    return report


def _parse(text: str) -> feel.Expression:
    return build(text, frozenset(), frozenset(), False, {})


def _add(report: Report, name: str, act: Callable[[], Any], seconds: float) -> float:
    """Add a row with the rate of an act, measured for at least ``seconds``."""
    turns = 1
    while True:
        wall, cpu = perf_counter(), process_time()
        for _ in range(turns):
            act()
        wall, cpu = perf_counter() - wall, process_time() - cpu
        if wall >= seconds:
            break
        turns = max(turns * 2, int(turns * seconds / max(wall, 1e-6) * 1.1))
    report.add(
        name, clients=1, per_second=turns / wall, cpu_ms=1000 * cpu / turns, p50_ms=1000 * wall / turns
    )
    return turns / wall


def _feelin(report: Report, seconds: float) -> None:
    from tests.feel import parity

    if parity.node() is None:
        report.notes.append("feelin was not measured: there is no Node")
        return
    rates = parity.ask(list(EXPRESSIONS.values()), CONTEXT, seconds=seconds)
    ours = {row["name"]: row["per_second"] for row in report.rows}
    for name, answer in zip(EXPRESSIONS, rates, strict=True):
        rate = float(answer["rate"])  # the answers are read with decimals
        report.add(f"feelin in Node, {name}, parsed each time", clients=1, per_second=rate)
        report.ratio(f"{name}: bihuan parsed once / feelin", ours[f"bihuan, {name}"], rate)
        each = ours[f"bihuan, {name}, parsed each time"]
        report.ratio(f"{name}: bihuan parsed each time / feelin", each, rate)


def table_source(*, python: bool) -> bytes:
    """Return a table of 12 rules over three inputs, its cells in FEEL or in the Python of SpiffWorkflow."""
    rules = ""
    for number in range(RULES):
        low, high = number * 10, number * 10 + 10
        cells = (
            [f"{low} <= ? < {high}", '? in ("a", "b")', "> 0"]
            if python
            else [f"[{low}..{high})", '"a", "b"', "> 0"]
        )
        entries = "".join(
            f'<inputEntry id="i_{number}_{place}"><text>{escape(cell)}</text></inputEntry>'
            for place, cell in enumerate(cells)
        )
        output = f'<outputEntry id="o_{number}"><text>"r{number}"</text></outputEntry>'
        rules += f'<rule id="r_{number}">{entries}{output}</rule>'
    columns = "".join(
        f'<input id="c_{name}" label="{name}"><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression>'
        "</input>"
        for name, kind in (("score", "number"), ("h", "string"), ("x", "number"))
    )
    body = f'<decisionTable id="t">{columns}<output id="o" name="r" typeRef="string"/>{rules}</decisionTable>'
    head = f'xmlns="{NAMESPACE}" id="defs" name="defs" namespace="urn:bench"'
    return f'<definitions {head}><decision id="d" name="d">{body}</decision></definitions>'.encode()


def _tables(report: Report, seconds: float) -> None:
    model = dmn.parse(table_source(python=False))
    assert model.evaluate("d", CONTEXT).value == "r8"
    ours = _add(report, "bihuan, 12-rule table", lambda: model.evaluate("d", CONTEXT), seconds)
    root = etree.fromstring(table_source(python=True))
    parser = DMNParser(None, root, {"dmn": NAMESPACE})
    parser.parse()
    engine = DMNEngine(parser.decision.decisionTables[0])
    task = SimpleNamespace(data=CONTEXT, workflow=SimpleNamespace(script_engine=PythonScriptEngine()))
    assert list(engine.result(task).values()) == ["r8"]
    stock = _add(report, "stock SpiffWorkflow DMN, 12-rule table", lambda: engine.result(task), seconds)
    report.ratio("12-rule table: bihuan / stock SpiffWorkflow", ours, stock)
