"""The pages of bulk runs (批量办理): what is chosen, what would be done and left out, how far it is, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext, ngettext

from engine import BulkLine, BulkRun, Candidate, Wish
from engine.commands.bulk import (
    ASSIGN_OUT,
    CHANGE_DUE,
    COMPLETE,
    HAND_OVER,
    LISTED,
    OPERATIONS,
    RETURN,
    TO_SOMEBODY,
    TRANSFER,
    URGE,
)
from engine.commands.bulk_runs import said
from web import context, people, wording
from web.formatting import moment, wan
from web.lists import joined

#: How many lines of a result one page has.
PAGE = 100
#: How many units the summary names before it counts the rest.
_MOST_UNITS = 6
#: The engine's reasons for which a task is not the person's own to do: it may be urged.
_OTHERS = frozenset({"item.held", "item.not_candidate", "item.drafter_only"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose by a link: where it leads, and whether it is chosen."""

    label: str
    href: str
    current: bool = False
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what is chosen: how many tasks, which sum in 分, and the tasks themselves where one may choose only them."""

    label: str
    under: str
    count: int
    amount: int
    picks: Sequence[str] = ()

    @property
    def counted(self) -> str:
        """How many tasks, in words."""
        return ngettext("%(num)d 项", "%(num)d 项", self.count)


@dataclass(frozen=True, slots=True)
class Line:
    """A task of a list, and why it is left out."""

    item_id: int
    subject: str
    under: str
    amount: int | None
    href: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the page before the confirmation shows."""

    run: int
    heading: str
    count: int
    amount: int
    steps: Sequence[Share]
    units: Sequence[Share]
    operations: Sequence[Choice]
    outcomes: Sequence[Choice]
    picker: people.Picker | None
    wish: Wish | None
    what: str
    common: bool
    ready: bool
    done: Sequence[Line]
    done_amount: int
    left: Sequence[Line]
    opinion_label: str
    needs_opinion: bool
    #: What is confirmed once for all tasks: the form's key and the words.
    confirmations: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Record:
    """A confirmed run as its page and the list of runs show it."""

    run: int
    what: str
    opinion: str
    state: str
    tone: str
    finished: bool
    at: datetime | None
    ended_at: datetime | None
    through: int
    total: int
    amount: int
    tallies: Sequence[tuple[str, str, int, str]]
    may_stop: bool
    may_retry: bool
    retry_of: int | None

    @property
    def counted(self) -> str:
        """How many tasks were asked for, in words."""
        return ngettext("%(num)d 项", "%(num)d 项", self.total)


def operation_label(operation: str) -> str:
    """Return what an operation is called."""
    return {
        COMPLETE: gettext("办理"),
        RETURN: gettext("退回修改"),
        ASSIGN_OUT: gettext("分办"),
        TRANSFER: gettext("转办他人"),
        URGE: gettext("催办提醒"),
    }[operation]


def wished(wish: Wish, to_name: str = "") -> str:
    """Return a wish in words: the operation with its outcome or the person."""
    if wish.operation == COMPLETE:
        return wording.said(wish.outcome) if wish.outcome else gettext("办结")
    if wish.operation == ASSIGN_OUT:
        return gettext("分办给%(name)s", name=to_name or wish.to or "")
    if wish.operation == TRANSFER:
        return gettext("转办给%(name)s", name=to_name or wish.to or "")
    if wish.operation == CHANGE_DUE and wish.due:
        return gettext("调整截止日到 %(due)s", due=moment(datetime.fromisoformat(wish.due)))
    if wish.operation == HAND_OVER:
        return gettext("移交%(name)s的事项", name=to_name)
    return operation_label(wish.operation)


def state_label(state: str) -> str:
    """Return what became of a task, in words."""
    return {
        "waiting": gettext("等待办理"),
        "done": gettext("已办成"),
        "refused": gettext("没有办成"),
        "conflict": gettext("已有变化"),
        "left_out": gettext("没有列入"),
        "stopped": gettext("停下未办"),
    }[state]


_TONES = {
    "done": "ok",
    "refused": "bad",
    "conflict": "warn",
    "left_out": "",
    "stopped": "",
    "waiting": "brand-tag",
}


def may(candidate: Candidate, operation: str) -> bool:
    """Whether an operation is to be had for a task at all."""
    if operation == URGE:
        return candidate.can.get(COMPLETE, "") in _OTHERS
    return operation in candidate.can and candidate.can[operation] is None


def offered(found: Sequence[Candidate]) -> list[str]:
    """Return the operations that at least one of the tasks is open to."""
    return [name for name in OPERATIONS if any(may(one, name) for one in found)]


def shared_outcomes(found: Sequence[Candidate]) -> list[str]:
    """Return the outcomes that all tasks have that can be completed, in the order of the first."""
    doable = [one for one in found if may(one, COMPLETE)]
    if not doable:
        return []
    names = [outcome.name for outcome in doable[0].outcomes]
    return [name for name in names if all(any(o.name == name for o in one.outcomes) for one in doable)]


def common_outcomes(found: Sequence[Candidate]) -> list[str]:
    """Return the shared outcomes without those that the files let none of the tasks have in bulk."""
    return [name for name in shared_outcomes(found) if any(name in one.in_bulk for one in found)]


def read_wish(values: Mapping[str, str], found: Sequence[Candidate]) -> Wish | None:
    """Return the wish that an address begins to say; what it doesn't say is chosen where there is but one."""
    operations = offered(found)
    operation = values.get("operation", "")
    if operation not in OPERATIONS:
        operation = operations[0] if operations else ""
    if not operation:
        return None
    outcomes = shared_outcomes(found) if operation == COMPLETE else []
    return Wish(operation, outcomes[0] if len(outcomes) == 1 else None)


def told_wish(values: Mapping[str, str]) -> Wish | None:
    """Return the wish that an address says as a whole, so that nothing need be known of the tasks; else None."""
    operation, outcome = values.get("operation", ""), values.get("outcome") or None
    to = values.get("to", "").removeprefix("user:") or None
    told = {COMPLETE: outcome, ASSIGN_OUT: to, TRANSFER: to}.get(operation, operation)
    if operation not in OPERATIONS or told is None:
        return None
    opinion = values.get("opinion", "").strip()
    return Wish(
        operation,
        outcome if operation == COMPLETE else None,
        opinion,
        to if operation in TO_SOMEBODY else None,
    )


def complete_enough(wish: Wish | None, found: Sequence[Candidate]) -> bool:
    """Whether a wish says enough for its preview."""
    if wish is None:
        return False
    if wish.operation == COMPLETE:
        needs = any(one.outcomes for one in found)
        return wish.outcome is not None or not needs
    return wish.to is not None or wish.operation not in TO_SOMEBODY


def preview(run: int, found: Sequence[Candidate], wish: Wish | None, judged: Sequence[Candidate]) -> Preview:
    """Return the page before the confirmation; ``judged`` are the tasks with the reasons why they are left out."""
    ready = bool(judged)
    lines = {one.item_id: _line(one) for one in judged}
    done = [one for one in judged if one.refusal is None]
    outcomes = common_outcomes(found)
    operation = wish.operation if wish is not None else ""
    return Preview(
        run=run,
        heading=ngettext("批量办理：选中 %(num)d 项", "批量办理：选中 %(num)d 项", len(found)),
        count=len(found),
        amount=sum(one.amount or 0 for one in found),
        steps=_shares(
            found, lambda one: (wording.said(one.step), wording.said(one.process_name)), picks=True
        ),
        units=_units(found),
        operations=[
            Choice(operation_label(name), _address(run, operation=name), name == operation)
            for name in offered(found)
        ],
        outcomes=[
            Choice(
                wording.said(name),
                _address(run, operation=COMPLETE, outcome=name),
                wish is not None and wish.outcome == name,
                "danger" if _rejects(found, name) else "",
            )
            for name in outcomes
        ]
        if operation == COMPLETE
        else (),
        picker=_picker(wish, found),
        wish=wish,
        what=wished(wish, _name(wish)) if wish is not None else "",
        common=operation != COMPLETE or bool(outcomes) or not any(one.outcomes for one in found),
        ready=ready,
        done=[lines[one.item_id] for one in done],
        done_amount=sum(one.amount or 0 for one in done),
        left=[lines[one.item_id] for one in judged if one.refusal is not None],
        opinion_label=_opinion_label(operation),
        needs_opinion=_needs_opinion(wish, done),
        confirmations=_confirmations(wish, done),
    )


def _address(run: int, **values: str) -> str:
    return url_for("bulk.show", run=run, **values)


def _shares(
    found: Iterable[Candidate], key: Callable[[Candidate], tuple[str, str]], *, picks: bool = False
) -> list[Share]:
    parts: dict[tuple[str, str], list[Candidate]] = {}
    for one in found:
        if one.instance_id is not None:
            parts.setdefault(key(one), []).append(one)
    shares = [
        Share(
            label,
            under,
            len(ones),
            sum(one.amount or 0 for one in ones),
            [f"{one.item_id}:{one.version}" for one in ones] if picks else (),
        )
        for (label, under), ones in parts.items()
    ]
    return sorted(shares, key=lambda share: -share.count)


def _units(found: Iterable[Candidate]) -> list[Share]:
    shares = _shares(found, lambda one: (one.unit or gettext("（无单位）"), ""))
    if len(shares) <= _MOST_UNITS:
        return shares
    rest = shares[_MOST_UNITS - 1 :]
    others = Share(
        ngettext("其他 %(num)d 个单位", "其他 %(num)d 个单位", len(rest)),
        "",
        sum(share.count for share in rest),
        sum(share.amount for share in rest),
    )
    return [*shares[: _MOST_UNITS - 1], others]


def _rejects(found: Sequence[Candidate], outcome: str) -> bool:
    return any(one.name == outcome and one.rejects for candidate in found for one in candidate.outcomes)


def _needs_opinion(wish: Wish | None, done: Sequence[Candidate]) -> bool:
    if wish is None or wish.operation != COMPLETE:
        return wish is not None and wish.operation == RETURN
    return any(
        one.name == wish.outcome and one.needs_opinion for candidate in done for one in candidate.outcomes
    )


def _confirmations(wish: Wish | None, done: Sequence[Candidate]) -> list[tuple[str, str]]:
    """Return the boxes that the tasks' forms let be ticked once for all; none for an outcome that needs no form."""
    if wish is None or wish.operation != COMPLETE:
        return []
    found = {
        key: context.said(words)
        for one in done
        if not any(each.name == wish.outcome and each.without_form for each in one.outcomes)
        for key, words in one.confirmations.items()
    }
    return list(found.items())


def _opinion_label(operation: str) -> str:
    """Return what the common text is; nothing where an operation has none."""
    return {
        COMPLETE: gettext("共同的意见"),
        RETURN: gettext("退回原因"),
        TRANSFER: gettext("转办说明"),
        URGE: gettext("催办的话"),
    }.get(operation, "")


def _picker(wish: Wish | None, found: Sequence[Candidate]) -> people.Picker | None:
    """Return the field in which the person is chosen, among those who come into question for the first such task."""
    if wish is None or wish.operation not in TO_SOMEBODY:
        return None
    first = next((one.item_id for one in found if may(one, wish.operation)), None)
    if first is None:
        return None
    purpose = people.DRAFT if wish.operation == ASSIGN_OUT else people.TASK
    label = gettext("分办给谁起草") if wish.operation == ASSIGN_OUT else gettext("转给谁办")
    chosen = [f"user:{wish.to}"] if wish.to else []
    return people.picker("to", label, people.Scope(purpose, item=first), chosen=chosen)


def _name(wish: Wish) -> str:
    found = people.called([f"user:{wish.to}"]) if wish.to else []
    return found[0].name if found else ""


def _line(one: Candidate) -> Line:
    known = one.instance_id is not None
    return Line(
        one.item_id,
        (one.subject or wording.said(one.step)) if known else gettext("编号 %(id)s", id=one.item_id),
        joined(one.unit, wording.said(one.step), one.reference) if known else "",
        one.amount,
        url_for("tasks.show", item_id=one.item_id) if known else "",
        "" if one.refusal is None else context.said(said(one.refusal)),
    )


def record(run: BulkRun) -> Record:
    """Return a confirmed run as its page shows it."""
    assert run.wish is not None
    finished = run.finished_at is not None
    failed = run.counts.get("refused", 0) + run.counts.get("conflict", 0)
    if not finished:
        state, tone = gettext("办理中"), "brand-tag"
    elif run.stopped_at is not None:
        state, tone = gettext("已停下"), "warn"
    elif failed:
        state, tone = gettext("已完成，有 %(count)s 项没有办成", count=failed), "warn"
    else:
        state, tone = gettext("已完成"), "ok"
    order = ("done", "refused", "conflict", "waiting", "stopped", "left_out")
    return Record(
        run=run.id,
        what=wished(run.wish, run.to_name),
        opinion=run.wish.opinion,
        state=state,
        tone=tone,
        finished=finished,
        at=run.confirmed_at,
        ended_at=run.finished_at,
        through=run.asked - run.waiting,
        total=run.asked,
        amount=run.amount,
        tallies=[
            (name, state_label(name), run.counts[name], _TONES[name])
            for name in order
            if run.counts.get(name)
        ],
        may_stop=not finished,
        may_retry=finished and run.failed > 0 and run.wish.operation not in LISTED,
        retry_of=run.retry_of,
    )


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one task, as the page and the workbook show it."""

    item_id: int
    subject: str
    under: str
    amount: int | None
    href: str
    state: str
    tone: str
    reason: str
    at: datetime | None
    line: BulkLine


def results(lines: Iterable[BulkLine]) -> list[Result]:
    """Return what became of the tasks of a run."""
    return [
        Result(
            one.item_id,
            one.subject or wording.said(one.step) or gettext("编号 %(id)s", id=one.item_id),
            joined(one.unit, wording.said(one.step), one.reference),
            one.amount,
            "" if one.instance_id is None else url_for("instances.show", instance_id=one.instance_id),
            state_label(one.state),
            _TONES[one.state],
            context.said(one.said),
            one.at,
            one,
        )
        for one in lines
    ]


def headings() -> list[str]:
    """Return the headings of the workbook."""
    return [
        gettext("序号"),
        gettext("事项"),
        gettext("预算单位"),
        gettext("编码"),
        gettext("办理环节"),
        gettext("金额（万元）"),
        gettext("结果"),
        gettext("原因"),
        gettext("时间"),
    ]


def cells(number: int, one: Result) -> list[object]:
    """Return a line of the workbook."""
    line = one.line
    return [
        number,
        one.subject,
        line.unit or "",
        line.reference or "",
        wording.said(line.step),
        None if line.amount is None else float(wan(line.amount).replace(",", "")),
        one.state,
        one.reason,
        line.at,
    ]


def summary(found: Record) -> list[str]:
    """Return the sentences under the lines of the workbook: what was asked, by whom confirmed when, and the counts."""
    counts = gettext("，").join(f"{label} {count}" for _, label, count, _ in found.tallies)
    return [
        gettext("批量办理：%(what)s，%(time)s 确认", what=found.what, time=moment(found.at)),
        counts,
        *([gettext("意见：%(text)s", text=found.opinion)] if found.opinion else []),
    ]
