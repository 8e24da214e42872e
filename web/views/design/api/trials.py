"""Trials (试运行): a draft is played answer by answer with the real forms, and kept as a test case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

import forms
from engine.calendar import ZONE
from engine.design.cases import Outcome
from engine.design.trying import Asked, Trial, Waiting
from engine.tasks.views import DecisionView
from web import context, wording
from web.formatting import local
from web.views.design.api.base import People, answer, asked, blueprint, moment, text, wholes

#: A trial has so many answers at most.
_MOST = 1_000


@blueprint.get("/drafts/<int:draft_id>/subjects")
def subjects(draft_id: int) -> Response:
    """Return projects or units that the process can be tried out for."""
    found = context.engine().design.subjects(draft_id, request.args.get("text", "")[:100], context.actor())
    return answer({"subjects": [{"id": key, "name": name} for key, name in found]})


@blueprint.post("/drafts/<int:draft_id>/try")
def attempt(draft_id: int) -> Response:
    """Play the draft through all answers and return where it stands, with the forms of what waits."""
    body = asked()
    beginning = _beginning(body)
    last = beginning["answers"][-1] if beginning["answers"] else None
    if isinstance(last, dict) and "fields" in last:
        beginning["answers"][-1] = _typed(draft_id, body, beginning, last)
    found = _play(draft_id, body, beginning)
    return answer({"answers": beginning["answers"], **_trial(found)})


@blueprint.get("/processes/<process_id>/cases")
def cases(process_id: str) -> Response:
    """Return the test cases of a process."""
    found = context.engine().design.cases(process_id, context.actor())
    people = People(one.saved_by for one in found)
    return answer(
        {
            "cases": [
                {
                    "id": one.id,
                    "name": one.name,
                    "play": one.play,
                    "expected": one.expected,
                    "saved_by": people(one.saved_by),
                    "saved_at": moment(one.saved_at),
                }
                for one in found
            ]
        }
    )


@blueprint.post("/drafts/<int:draft_id>/cases")
def keep_case(draft_id: int) -> Response:
    """Keep a play of the draft as a test case."""
    body = asked()
    id = context.engine().design.keep_case(
        draft_id,
        text(body, "name"),
        _beginning(body),
        context.actor(),
        subject=_subject(body),
        beside=wholes(body, "with"),
    )
    return answer({"id": id}, 201)


@blueprint.delete("/cases/<int:case_id>")
def remove_case(case_id: int) -> Response:
    """Take a test case away."""
    context.engine().design.remove_case(case_id, context.actor())
    return answer({"state": "removed"})


@blueprint.post("/drafts/<int:draft_id>/cases/run")
def run_cases(draft_id: int) -> Response:
    """Run the test cases of all processes that the draft changes."""
    body = asked()
    content = text(body, "content").encode() if "content" in body else None
    found = context.engine().design.run_cases(
        draft_id, context.actor(), content=content, beside=wholes(body, "with")
    )
    return answer({"passed": all(one.passed for one in found), "cases": [_outcome(one) for one in found]})


def _play(draft_id: int, body: Mapping[str, Any], beginning: Mapping[str, Any]) -> Trial:
    content = text(body, "content").encode() if "content" in body else None
    return context.engine().design.attempt(
        draft_id,
        beginning,
        context.actor(),
        subject=_subject(body),
        content=content,
        beside=wholes(body, "with"),
        language=context.language(),
    )


def _beginning(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the request is the play's: the shape of ``bihuan play``."""
    names = ("process", "now", "by", "variables", "auto")
    answers = body.get("answers", [])
    if not isinstance(answers, list) or len(answers) > _MOST:
        raise BadRequest
    return {**{name: body[name] for name in names if body.get(name) is not None}, "answers": list(answers)}


def _subject(body: Mapping[str, Any]) -> str | None:
    return text(body, "subject") if body.get("subject") else None


def _typed(
    draft_id: int, body: Mapping[str, Any], beginning: Mapping[str, Any], last: Mapping[str, Any]
) -> dict[str, Any]:
    """Return an answer whose form was posted as the page's fields with what the form makes of them."""
    fields = last["fields"]
    if not isinstance(fields, list) or not all(isinstance(one, list) and len(one) == 2 for one in fields):
        raise BadRequest
    before = _play(draft_id, body, {**beginning, "answers": beginning["answers"][:-1]})
    item = last.get("item", 0)
    waiting = next(
        (one for one in before.waiting if one.task.element == last.get("element") and one.item == item),
        None,
    )
    taken = {name: value for name, value in last.items() if name != "fields"}
    if waiting is None or waiting.task.form_source is None:
        return taken
    values = MultiDict([(str(name), str(value)) for name, value in fields])
    form = forms.read(waiting.task.form_source)
    return {**taken, "form": forms.decode(form, values, waiting.task.answers, waiting.task.variables)}


def _trial(found: Trial) -> dict[str, Any]:
    people = People(one.actor for one in found.happened)
    return {
        "now": found.now.astimezone(ZONE).isoformat(),
        "report": found.report,
        "tokens": list(found.tokens),
        "waiting": [_waiting(found, one) for one in found.waiting],
        "happened": [
            {
                "at": moment(local(one.at)),
                "kind": one.kind,
                "actor": people(one.actor),
                "element": one.element,
                "path": list(one.path),
                "asked": {element: [_asked(who) for who in asked] for element, asked in one.asked.items()},
            }
            for one in found.happened
        ],
        "decisions": [_decision(one) for one in found.decisions],
        "problem": None
        if found.problem is None
        else {"code": found.problem.code, "message": found.problem.message(context.language())},
        "findings": [
            {"field": one.field, "severity": one.severity, "message": context.said(one.message)}
            for one in found.findings
        ],
    }


def _refused(found: Trial, waiting: Waiting) -> Mapping[str, Any] | None:
    """Return the answer for this step that could not be taken, None where there is none."""
    unused = found.report.get("unused") or [{}]
    mine = unused[0].get("element") == waiting.task.element and unused[0].get("item", 0) == waiting.item
    return unused[0] if mine else None


def _waiting(found: Trial, one: Waiting) -> dict[str, Any]:
    task = one.task
    return {
        "element": task.element,
        "item": one.item,
        "name": task.step,
        "due": moment(local(task.due_at)) if task.due_at else None,
        "form": task.form_id,
        "html": _html(found, one),
        "outcomes": [
            {
                "name": outcome.name,
                "needs_opinion": outcome.needs_opinion,
                "without_form": outcome.without_form,
            }
            for outcome in task.outcomes
        ],
        "asked": [_asked(who) for who in one.asked],
        "because": dict(one.because),
        "separate_from": list(one.separate_from),
        "returns": [
            {"to": target.element, "name": target.step} for target in task.targets if target.refusal is None
        ],
    }


def _asked(who: Asked) -> dict[str, Any]:
    return {
        "principal": who.principal,
        "name": _called(who),
        "people": [{"id": id, "name": name} for id, name in who.people],
    }


def _called(who: Asked) -> str:
    """Return what an office calls somebody who is asked: a role by its title, after the organisation."""
    kind, _, rest = who.principal.partition(":")
    role, _, org = rest.partition("@")
    if kind != "role":
        return who.name
    title = wording.role(role)
    return f"{who.name.removesuffix(role).strip()} {title}" if org else title


def _html(found: Trial, one: Waiting) -> str | None:
    """Return the step's form as our server draws it, with the answers that it didn't take and what it has against them."""
    if one.task.form_source is None:
        return None
    refused = _refused(found, one)
    typed = None if refused is None else refused.get("form")
    view = forms.view(
        forms.read(one.task.form_source),
        one.task.answers if typed is None else typed,
        one.task.variables,
        context.environment(),
        findings=() if refused is None else found.findings,
        owner="trial-form",
    )
    return str(forms.render(view, context.language()))


def _decision(one: DecisionView) -> dict[str, Any]:
    return {
        "element": one.element,
        "step": one.step,
        "decision": one.decision,
        "result": one.result,
        "tables": [
            {
                "name": step.name,
                "inputs": [{"label": label, "value": value} for label, value in step.inputs],
                "rules": [rule.number for rule in step.rules if rule.matched],
            }
            for step in one.steps
        ],
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "id": one.case.id,
        "process": one.case.process_id,
        "name": one.case.name,
        "passed": one.passed,
        "differences": [
            {"code": found.code, "message": found.message(context.language())} for found in one.differences
        ],
        "path": list(one.path),
    }
