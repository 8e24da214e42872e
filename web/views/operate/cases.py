"""Cases by state, step and words; one of them from the inside, and the interventions in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from engine.commands.interventions import Intervened
from engine.errors import BihuanError
from engine.messages import register, sentence
from engine.monitoring.cases import STATES, CaseDetail, CaseQuery
from engine.values import dump_json
from web import context, given, names, record, wording
from web.formatting import SHANGHAI
from web.security import allow_diagram
from web.views.operate.base import argument, attempt, blueprint, number, outcome

register(
    {
        "variable.not_json": {
            "zh": '“{name}”的新值不是 JSON：文字要加英文双引号，例如 "已批复"；数字、true、false、null 不加',
            "en": "The new value of “{name}” isn't JSON: texts stand in double quotes, numbers, true, false, null don't",
        }
    }
)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the list of cases, as the address holds them."""

    text: str = ""
    process: str = ""
    version: str = ""
    state: str = ""
    element: str = ""
    late: str = ""
    started: str = ""
    until: str = ""
    cursor: str = ""

    @classmethod
    def read(cls) -> Filters:
        """Read the filters; what is not known is dropped."""
        found = cls(**{field.name: argument(field.name) for field in fields(cls)})
        return replace(
            found,
            state=found.state if found.state in STATES else "",
            late="1" if found.late else "",
            started=found.started if given.usable(given.day, found.started) else "",
            until=found.until if given.usable(given.day, found.until) else "",
        )

    def args(self, **changes: str) -> dict[str, str]:
        """Return the address's arguments with ``changes``, from the first page on."""
        values = {field.name: getattr(self, field.name) for field in fields(self)} | {"cursor": ""} | changes
        return {name: value for name, value in values.items() if value}

    def query(self) -> CaseQuery:
        """Return the engine's query; the last day counts whole."""
        until = given.usable(given.day, self.until)
        return CaseQuery(
            self.process or None,
            number(self.version),
            self.state or None,
            self.element or None,
            self.text or None,
            bool(self.late),
            _begin(given.usable(given.day, self.started)),
            _begin(until + timedelta(days=1) if until else None),
            self.cursor or None,
        )


@blueprint.get("/cases")
def cases() -> Any:
    """Show the cases that the address asks for."""
    filters = Filters.read()
    return render_template(
        "operate/cases.html",
        filters=filters,
        page=context.engine().cases(context.actor(), filters.query()),
        processes=names.processes(),
        states=[(state, state_word(state)) for state in STATES],
        tone=record.state_of,
        now=context.now(),
    )


@blueprint.get("/cases/<int:instance_id>")
def case(instance_id: int) -> Any:
    """Show a case from the inside."""
    engine, actor = context.engine(), context.actor()
    detail, view = engine.case(instance_id, actor), engine.instance(instance_id, actor)
    allow_diagram()
    return render_template(
        "operate/case.html",
        case=detail,
        view=view,
        state=record.state_of_case(view),
        holders=record.whereabouts(view, context.now()),
        timeline=record.timeline(view, context.now()),
        reasons={one.id: _reason(one.code, one.element, one.params) for one in detail.incidents},
        scopes=[
            (
                scope,
                _place(detail, scope.element),
                [(name, dump_json(value)) for name, value in sorted(scope.variables.items())],
            )
            for scope in detail.scopes
        ],
        job_states=job_states(),
        now=context.now(),
    )


@blueprint.get("/cases/<int:instance_id>/jump")
def jump(instance_id: int) -> Any:
    """Show what moving a token to another step would end and undo, before it is done."""
    engine, actor = context.engine(), context.actor()
    detail = engine.case(instance_id, actor)
    token = next((one for one in detail.tokens if one.id == number(argument("token"))), None)
    target = argument("to")
    preview, refusal = None, ""
    if token is not None and target:
        try:
            preview = engine.preview_jump(
                instance_id, actor=actor, source=token.element, to=target, token=token.id
            )
        except BihuanError as error:
            refusal = error.message(context.language())
        if preview is not None and preview.refusal:
            refusal = sentence(
                preview.refusal, {"element": preview.step, "step": preview.step}, context.language()
            )
    return render_template(
        "operate/jump.html", case=detail, token=token, target=target, preview=preview, refusal=refusal
    )


@blueprint.post("/cases/<int:instance_id>/<any(suspend,resume,terminate,jump,skip,set_variables):operation>")
def intervene(instance_id: int, operation: str) -> Any:
    """Do an intervention, or propose it where two people are needed."""
    said = {
        "suspend": gettext("已挂起：在恢复之前，谁也不能办理。"),
        "resume": gettext("已恢复办理。"),
        "terminate": gettext("已终止。"),
        "jump": gettext("已跳转。"),
        "skip": gettext("已跳过出错的步骤。"),
        "set_variables": gettext("已更正流程数据。"),
    }

    def act() -> str:
        answer: Intervened = context.engine().intervene(
            operation,
            actor=context.actor(),
            reason=request.form.get("reason", ""),
            instance_id=instance_id,
            params=_params(operation),
            request_key=request.form.get("_key") or None,
        )
        return outcome(answer, said[operation])

    return attempt(act, url_for("operate.case", instance_id=instance_id))


def state_word(state: str) -> str:
    """Return a state's name, that of all who are not over included."""
    words = {"running": gettext("未办结"), "terminated": gettext("已终止")}
    return words.get(state) or record.state_of(state)[0]


def job_states() -> dict[str, str]:
    """Return the states of timers and jobs in words."""
    return {
        "open": gettext("等待"),
        "suspended": gettext("随事项挂起"),
        "failed": gettext("失败，见异常"),
    }


def _params(operation: str) -> dict[str, Any] | None:
    form = request.form
    match operation:
        case "jump":
            return {
                "source": form.get("source", ""),
                "to": form.get("to", ""),
                "token": number(form.get("token")),
            }
        case "skip":
            typed = form.get("variables", "").strip()
            values = _json(gettext("跳过后的数据"), typed) if typed else {}
            if not isinstance(values, dict):
                raise BihuanError("variable.not_json", name=gettext("跳过后的数据"))
            return {"incident_id": number(form.get("incident")) or 0, "variables": values}
        case "set_variables":
            name = form.get("name", "").strip()
            return {
                "values": {name: _json(name, form.get("value", ""))},
                "scope": number(form.get("scope")) or 0,
                "retype": "retype" in form,
            }
    return None


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        raise BihuanError("variable.not_json", name=name) from None


def _reason(code: str, element: str, params: Any) -> str:
    return sentence(code, {"element": element, **params}, context.language())


def _place(detail: CaseDetail, element: str | None) -> str:
    """Return where a scope belongs: to the whole process, or to an element inside it."""
    if element is None:
        return gettext("整个流程")
    found = (label for _, id, label in detail.elements if id == element)
    return wording.said(next(found, element))


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), SHANGHAI) if day else None
