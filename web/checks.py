"""The checks' findings for the page: of the task's own answers, and of the documents that it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from engine.plugins import AnswersRequest, Finding
from forms.model import ROW_ID
from web import context

_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding in the page's language, with the anchor of its field; ``code`` where people know it by that."""

    severity: str
    code: str
    message: str
    remedy: str
    field: str | None
    anchor: str


def check_document(
    form_id: str,
    form: bytes,
    body: Mapping[str, Any],
    variables: Mapping[str, Any],
    element: str,
    process: str,
) -> list[Finding]:
    """Ask all plug-ins what they find in ``body``, as it stands now."""
    return check(asked(form_id, form, body, variables, element, process))


def asked(
    form_id: str,
    form: bytes,
    body: Mapping[str, Any],
    variables: Mapping[str, Any],
    element: str,
    process: str,
) -> AnswersRequest:
    """Return what the plug-ins are asked about ``body``, as it stands now."""
    return AnswersRequest(
        form_id=form_id,
        form=form,
        answers=body,
        variables=variables,
        outcome="",
        element=element,
        process=process,
        now=context.now(),
        functions=context.engine().ports.functions,
    )


def check(request: AnswersRequest) -> list[Finding]:
    """Ask all plug-ins, and return what they find."""
    hook = context.engine().plugins.hook
    return [finding for found in hook.bihuan_check_answers(request=request) for finding in found]


def anchor_of(field: str | None, body: Mapping[str, Any] | None, prefix: str) -> str:
    """Return the id of a field's element in the form whose ids begin with ``prefix``; rows are named by their id."""
    if not field:
        return ""
    first, _, rest = field.partition(".")
    number, _, column = rest.partition(".")
    rows = (body or {}).get(first)
    if number.isdigit() and isinstance(rows, list) and int(number) < len(rows):
        number = str(rows[int(number)].get(ROW_ID, f"r{int(number) + 1}"))
    return ".".join(part for part in (prefix, first, number, column) if part)


def views(findings: Sequence[Finding], body: Mapping[str, Any] | None, prefix: str) -> list[FindingView]:
    """Return findings as the page shows them, what blocks first."""
    shown = [
        FindingView(
            severity=finding.severity,
            code=finding.code if finding.code.startswith("DQ") else "",
            message=context.said(finding.message),
            remedy=context.said(finding.remedy),
            field=finding.field,
            anchor=anchor_of(finding.field, body, prefix),
        )
        for finding in findings
    ]
    return sorted(shown, key=lambda view: _ORDER.get(view.severity, 3))


def note(found: Sequence[FindingView]) -> str:
    """Return the line beside the heading: how many block, how many are worth a look."""
    blocking = sum(view.severity == "error" for view in found)
    others = len(found) - blocking
    parts = []
    if blocking:
        parts.append(ngettext("%(num)d 处必须改正", "%(num)d 处必须改正", blocking))
    if others:
        parts.append(ngettext("%(num)d 条提示", "%(num)d 条提示", others))
    return gettext("，").join(parts)
