"""What to decide first: what is asked of the person, the key figures, and what speaks for and against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext, ngettext

from engine import InstanceView, SignatureView, TaskView
from web import record, wording
from web.checks import FindingView
from web.decisions import Grounds
from web.differences import Change
from web.formatting import number, typed_wan
from web.points import PointView

FOR, AGAINST, NOTE = "for", "against", "note"
#: An opinion is quoted no longer than this.
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the balance: ``tone`` is for, against or note; ``anchor`` is where the page says more."""

    tone: str
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """The block on top of a task: who asks what, the figures as label and text, and the reasons, against first."""

    asked: str
    documentation: str
    figures: Sequence[tuple[str, str]]
    reasons: Sequence[Reason]


def brief(
    task: TaskView,
    instance: InstanceView,
    *,
    deciding: bool,
    findings: Sequence[FindingView],
    checked: bool,
    points: Sequence[PointView],
    changes: Sequence[Change],
    grounds: Sequence[Grounds],
    late: bool,
) -> Brief:
    """Return the block of a task; ``deciding`` is whether the person may act, ``checked`` whether checks were run."""
    reasons = [
        *_of_checks(findings, checked),
        *_of_points(points),
        *_of_signers(task.signatures),
        *_of_the_last_step(task, instance),
        *_of_changes(changes, task),
        *_of_grounds(grounds),
    ]
    if late and task.state == "open":
        reasons.append(Reason(AGAINST, gettext("已经超过办理时限。")))
    order = {AGAINST: 0, FOR: 1, NOTE: 2}
    return Brief(
        _asked(task) if deciding else "",
        task.documentation,
        [(wording.said(label), _text(value, money="万元" in label)) for label, value in task.figures],
        sorted(reasons, key=lambda reason: order[reason.tone]),
    )


def _asked(task: TaskView) -> str:
    """Say in one sentence what is asked: to choose among outcomes, or to do the step."""
    step = wording.said(task.step)
    names = [wording.said(outcome.name) for outcome in task.outcomes]
    if any(outcome.rejects for outcome in task.outcomes):
        return gettext("请您办理“%(step)s”，从中选一：%(outcomes)s。", step=step, outcomes=" / ".join(names))
    if names:
        return gettext("请您办理“%(step)s”，办完后点“%(outcome)s”。", step=step, outcome=names[0])
    return gettext("请您办理“%(step)s”。", step=step)


def _text(value: Any, *, money: bool) -> str:
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if not isinstance(value, Decimal | int | float):
        return str(value)
    return typed_wan(value) if money else number(value)


def _of_checks(findings: Sequence[FindingView], checked: bool) -> list[Reason]:
    blocking = sum(finding.severity == "error" for finding in findings)
    warnings = sum(finding.severity == "warning" for finding in findings)
    found = []
    if blocking:
        text = ngettext("检查发现 %(num)d 处必须改正。", "检查发现 %(num)d 处必须改正。", blocking)
        found.append(Reason(AGAINST, text, "checks"))
    if warnings:
        text = ngettext("检查提示 %(num)d 处要留意。", "检查提示 %(num)d 处要留意。", warnings)
        found.append(Reason(AGAINST, text, "checks"))
    if checked and not found:
        found.append(Reason(FOR, gettext("系统检查没有发现问题。")))
    return found


def _of_points(points: Sequence[PointView]) -> list[Reason]:
    still = sum(point.open for point in points)
    if still:
        text = ngettext("有 %(num)d 条逐条意见没有闭合。", "有 %(num)d 条逐条意见没有闭合。", still)
        return [Reason(AGAINST, text, "points")]
    return [Reason(FOR, gettext("逐条意见都已闭合。"), "points")] if points else []


def _of_signers(signatures: Sequence[SignatureView]) -> list[Reason]:
    signed = [one for one in signatures if one.state == "completed"]
    against = [one for one in signed if one.rejects]
    found = []
    if against:
        who = "、".join(name for one in against for name in one.names)
        found.append(Reason(AGAINST, gettext("%(who)s不同意。", who=who), "signatures"))
    if len(signed) > len(against):
        who = "、".join(name for one in signed if not one.rejects for name in one.names)
        found.append(Reason(FOR, gettext("%(who)s已同意。", who=who), "signatures"))
    return found


def _of_the_last_step(task: TaskView, instance: InstanceView) -> list[Reason]:
    """Tell how the step before was finished, as far as the person may read it."""
    done = [
        event
        for event in instance.timeline
        if event.kind == "item.completed"
        and event.at <= task.created_at
        and event.outcome
        and event.element != task.element  # what was withdrawn here speaks for nothing
    ]
    if not done:
        return []
    last = done[-1]
    said = gettext(
        "上一步“%(step)s”：%(who)s，%(outcome)s",
        step=wording.said(last.step or ""),
        who=record.who(last.by),
        outcome=wording.said(last.outcome or ""),
    )
    opinion = " ".join((last.opinion or "").split())
    if opinion:
        said += gettext(
            "：“%(opinion)s”", opinion=opinion[:_QUOTED] + ("…" if len(opinion) > _QUOTED else "")
        )
    return [Reason(AGAINST if last.rejects else FOR, said + gettext("。"), "record")]


def _of_changes(changes: Sequence[Change], task: TaskView) -> list[Reason]:
    if changes:
        text = ngettext("与上一轮相比改了 %(num)d 处。", "与上一轮相比改了 %(num)d 处。", len(changes))
        return [Reason(NOTE, text, "changes")]
    compared = any(shown.previous is not None for shown in task.shows)
    return [Reason(AGAINST, gettext("与上一轮相比没有改动。"))] if compared else []


def _of_grounds(grounds: Sequence[Grounds]) -> list[Reason]:
    """Tell the newest result of the rule tables."""
    if not grounds:
        return []
    return [Reason(NOTE, gettext("按规则表判定：%(result)s。", result=grounds[0].result), "decisions")]
