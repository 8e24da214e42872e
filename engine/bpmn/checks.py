"""Checks the files of a folder before they are deployed: ``bihuan check`` and every deployment ask here."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pluggy

from engine import dmn
from engine.bpmn.awaited import check_awaited
from engine.bpmn.catching import check_catching
from engine.bpmn.conditions import check_conditions
from engine.bpmn.findings import LANGUAGES, finding
from engine.bpmn.known_types import known_types
from engine.bpmn.loops import check_loops
from engine.bpmn.model import ProcessModel, UserTask
from engine.bpmn.names import ALWAYS, check_names, names_brought, names_given
from engine.bpmn.reader import read
from engine.bpmn.references import Surroundings, check_references
from engine.bpmn.soundness import check_soundness
from engine.bpmn.steps import check_steps
from engine.bpmn.structure import check_structure
from engine.bpmn.times import check_times
from engine.bpmn.uses import check_uses
from engine.bpmn.values import HOST_FUNCTIONS
from engine.bpmn.xml import MAX_BYTES
from engine.feel.messages import remedy as remedy_of
from engine.feel.types import ANY, Type
from engine.plugins import Finding

_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(slots=True)
class FileReport:
    """What was found in one file; ``kind`` is bpmn, dmn, form or unknown, ``seconds`` how long it took."""

    file: str
    kind: str
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """``refused`` when a finding blocks, else ``accepted``."""
        return "refused" if any(found.blocks for found in self.findings) else "accepted"

    def as_json(self, language: str = "zh") -> dict[str, Any]:
        """Return the report in the shape of ``bihuan check --json``, with the sentences of one language."""
        return {
            "file": self.file,
            "kind": self.kind,
            "verdict": self.verdict,
            "seconds": round(self.seconds, 4),
            "findings": [finding_as_json(found, language) for found in self.findings],
        }


def finding_as_json(found: Finding, language: str) -> dict[str, Any]:
    """Return a finding in the shape of the commands' contract."""
    return {
        "severity": found.severity,
        "code": found.code,
        "element": found.element,
        "line": found.line,
        "column": found.column,
        "message": found.message.get(language, ""),
        "remedy": found.remedy.get(language, ""),
        "path": list(found.path),
    }


def check_files(
    files: Mapping[str, bytes],
    plugins: pluggy.PluginManager,
    *,
    targets: Iterable[str] | None = None,
    require: bool = False,
) -> list[FileReport]:
    """Check files that belong together and return one report for each, or for each of ``targets``.

    ``require`` makes a form, decision or called process that is missing an error, as a deployment needs;
    without it a lone file can be looked at. Nothing is raised for what the files contain.
    """
    checker = _Checker(files, plugins, require)
    wanted = list(files) if targets is None else [name for name in targets if name in files]
    return [checker.report(name) for name in wanted]


def read_files(
    files: Mapping[str, bytes], plugins: pluggy.PluginManager
) -> dict[str, tuple[Sequence[ProcessModel], Sequence[Finding]]]:
    """Read the BPMN files among ``files`` with the function names of the plug-ins, by file name."""
    names = _function_names(plugins)
    return {name: read(source, names=names) for name, source in files.items() if kind_of(name) == "bpmn"}


def kind_of(name: str) -> str:
    """Tell a file's kind by the end of its name."""
    suffix = name.rpartition(".")[2].lower()
    return {"bpmn": "bpmn", "bpmn20": "bpmn", "dmn": "dmn", "form": "form"}.get(suffix, "unknown")


class _Checker:
    """Reads every file once and knows what the others offer."""

    def __init__(self, files: Mapping[str, bytes], plugins: pluggy.PluginManager, require: bool) -> None:
        self.plugins = plugins
        self.reports = {name: FileReport(name, kind_of(name)) for name in files}
        self.models: dict[str, Sequence[ProcessModel]] = {}
        self.functions = _function_names(plugins)
        handlers = frozenset(handler.type for offer in plugins.hook.bihuan_handlers() for handler in offer)
        self.around = Surroundings(handlers=handlers, complete=require)
        self._homes: dict[tuple[str, str], str] = {}
        #: Read together, because decision models may import one another.
        self.decisions = dmn.parse_all(
            {name: source for name, source in files.items() if self.reports[name].kind == "dmn"}
        )
        readers = {"bpmn": self._bpmn, "dmn": self._dmn, "form": self._form}
        for name, source in files.items():
            report, began = self.reports[name], time.perf_counter()
            reader = readers.get(report.kind)
            if reader is None:
                report.findings.append(finding("file.unknown_kind", name=name))
            else:
                reader(report, source)
            report.seconds += time.perf_counter() - began

    def report(self, name: str) -> FileReport:
        """Finish the report of a file: what can be said only when all files have been read."""
        report, began = self.reports[name], time.perf_counter()
        for model in self.models.pop(name, ()):
            report.findings += check_structure(model)
            report.findings += check_conditions(model)
            report.findings += check_catching(model, self.around.processes.values())
            report.findings += check_awaited(model)
            report.findings += check_times(model)
            report.findings += check_loops(model)
            report.findings += check_steps(model)
            report.findings += check_references(model, self.around)
            if not any(found.blocks for found in report.findings):
                report.findings += check_soundness(model)
            others = tuple(self.around.processes.values())
            given = names_given(model, others, self._form_types)
            brought = names_brought(model, others, self._form_types)
            types = known_types(model, self._form_types, self._decision_type, brought)
            report.findings += check_names(model, given, types, self._form_types, self.functions)
            report.findings += check_uses(
                model,
                given | ALWAYS,
                types,
                self._check_form_use,
                self.around.decisions,
                self.functions | HOST_FUNCTIONS,
            )
        if report.kind == "form" and self._is_used(name):
            # The processes that show it say what it can name; what looked like a slip of the pen is judged there.
            report.findings = [
                one for one in report.findings if one.blocks or one.code != "form.unknown_name"
            ]
        report.findings = _sorted(report.findings)
        report.seconds += time.perf_counter() - began
        return report

    def _is_used(self, file: str) -> bool:
        """Whether a process that was read shows the form that a file defines."""
        shown = {
            element.form_id
            for model in self.around.processes.values()
            for element in model.elements.values()
            if isinstance(element, UserTask)
        }
        return any(
            kind == "form" and id in shown and home == file for (kind, id), home in self._homes.items()
        )

    def _bpmn(self, report: FileReport, source: bytes) -> None:
        models, findings = read(source, names=self.functions)
        report.findings += findings
        self.models[report.file] = models
        for model in models:
            if self._first("process", model.id, report):
                self.around.processes[model.id] = model
            for identifier, form in model.forms.items():
                self._form(report, form, identifier)

    def _dmn(self, report: FileReport, _source: bytes) -> None:
        model = self.decisions[report.file]
        if isinstance(model, dmn.DmnError):
            message = {language: model.message(language) for language in LANGUAGES}
            advice = {language: remedy_of(model.code, model.params, language) for language in LANGUAGES}
            report.findings.append(Finding("error", model.code, message, advice, model.element, model.line))
        else:
            self.around.decisions.update(dict.fromkeys(model.decisions, model))
            for problem in dmn.check(model, functions=self.functions | HOST_FUNCTIONS):
                message, remedy = (
                    {language: say(language) for language in LANGUAGES}
                    for say in (problem.message, problem.remedy)
                )
                report.findings.append(
                    Finding(problem.severity, problem.code, message, remedy, problem.element, problem.line)
                )

    def _form(self, report: FileReport, source: bytes, embedded: str | None = None) -> None:
        if len(source) > MAX_BYTES:
            report.findings.append(
                finding("file.too_large", size=f"{len(source) / 1e6:.1f}", limit=f"{MAX_BYTES / 1e6:.0f}")
            )
            return
        try:
            content = msgspec.json.decode(source)
        except (msgspec.DecodeError, RecursionError) as error:
            report.findings.append(finding("file.unreadable", embedded, reason=str(error)))
            return
        identifier = content.get("id") if isinstance(content, dict) else None
        if not isinstance(identifier, str) or not identifier.strip():
            report.findings.append(finding("form.no_id"))
            return
        if self._first("form", identifier, report):
            self.around.forms[identifier] = source
        for found in self.plugins.hook.bihuan_check_form(form_id=identifier, source=source):
            report.findings += found
        report.findings += self._check_form_use(identifier, None, {})

    def _first(self, kind: str, identifier: str, report: FileReport) -> bool:
        """Note where an id is defined; report it when it is already."""
        home = self._homes.setdefault((kind, identifier), report.file)
        if home != report.file:
            report.findings.append(finding(f"{kind}.twice", identifier, file=home))
        return home == report.file

    def _form_types(self, form_id: str) -> Mapping[str, Type]:
        """Return the types of a form's answers: Any for those fields of whose type nobody says anything."""
        source = self.around.forms.get(form_id)
        if source is None:
            return {}
        hook = self.plugins.hook
        fields = hook.bihuan_form_fields(form_id=form_id, source=source)
        types = dict.fromkeys((name for offer in fields for name in offer), ANY)
        for offer in hook.bihuan_form_types(form_id=form_id, source=source):
            types.update(offer)
        return types

    def _check_form_use(
        self, form_id: str, names: Collection[str] | None, types: Mapping[str, Type]
    ) -> Iterable[Finding]:
        source = self.around.forms.get(form_id)
        if source is None:
            return ()
        offers = self.plugins.hook.bihuan_check_form_use(
            form_id=form_id,
            source=source,
            names=names,
            types=types,
            functions=self.functions | HOST_FUNCTIONS,
        )
        return [found for offer in offers for found in offer]

    def _decision_type(self, name: str) -> Type:
        model = self.around.decisions.get(name)
        return ANY if model is None else dmn.result_type(model, name)


def _function_names(plugins: pluggy.PluginManager) -> frozenset[str]:
    return frozenset(name for offer in plugins.hook.bihuan_feel_functions() for name in offer)


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    """Say each thing once, by severity and place; what is refused needn't hear that nothing leads to it."""
    refused = {found.element for found in findings if found.blocks and found.code != "element.unreachable"}
    once = {
        (found.code, found.element, found.line, found.message.get("en")): found
        for found in findings
        if found.code != "element.unreachable" or found.element not in refused
    }
    return sorted(
        once.values(), key=lambda found: (_ORDER[found.severity], found.line or 0, found.column or 0)
    )
