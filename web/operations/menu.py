"""Which operations a page offers, and why not those that one would look for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask import url_for
from flask_babel import gettext

from engine import InstanceView, TaskView
from engine.messages import sentence
from web import context, record, wording
from web.formatting import moment
from web.operations import ON_CASES, ON_TASKS
from web.operations.model import Operation, called


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation as a button: ``direct`` ones are done at once, others open a dialog at ``href``."""

    name: str
    label: str
    icon: str
    href: str
    direct: bool
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Something that somebody asked and the person answers, or waits for."""

    text: str
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Menu:
    """What a page offers: ``first`` as buttons in sight, ``groups`` in the menu; ``reasons`` are (operations, why not)."""

    first: Sequence[Entry]
    groups: Sequence[tuple[str, Sequence[Entry]]]
    reasons: Sequence[tuple[str, str]]
    requests: Sequence[Request]
    version: int = 0

    @property
    def filled(self) -> bool:
        """Whether there is anything to open the menu for."""
        return bool(self.groups or self.reasons)


#: The right that an operation of the pages needs, where it has another name in the engine.
_RIGHTS = {"change_due": "change_dues", "unfollow": "follow"}


def right(name: str) -> str:
    """Return what the engine calls the right to an operation of the pages."""
    return _RIGHTS.get(name, name)


class Offering(Protocol):
    """A view that tells what the person may do, and what its reasons are filled in with."""

    @property
    def can(self) -> Mapping[str, str | None]: ...

    @property
    def because(self) -> Mapping[str, Mapping[str, Any]]: ...


def why_not(view: Offering, name: str) -> str:
    """Return why the person can't do an operation, in the page's language and words; empty where they can."""
    code = view.can.get(right(name), "operation.unknown")
    if code is None:
        return ""
    known = {"operation": name, **view.because.get(right(name), {})}
    for part in ("step", "element"):
        if part in known:
            known[part] = wording.said(str(known[part]))
    return sentence(code, known, context.language())


#: What people look for on the page of a task that they have, and of one that they don't.
_LOOKED_FOR = ("return", "transfer", "delegate", "add_signer", "extend", "unclaim")
_TAKING_BACK = ("withdraw", "ask_withdrawal", "urge")


def for_task(task: TaskView, list_query: str, *, beside: bool) -> Menu:
    """Return what the page of a task offers the person."""
    place = {"_list": list_query or None, "_beside": "1" if beside else None}

    def entry(name: str) -> Entry | None:
        if task.can.get(right(name), "") is not None:
            return None
        if name in ON_CASES:
            if (name == "follow") == task.following and name != "copy":
                return None
            return _entry(ON_CASES[name], task.instance_id, case=True, _item=task.item_id, **place)
        return _entry(ON_TASKS[name], task.item_id, case=False, **place)

    decides = task.can.get("complete", "") is None
    first = ["return"] if decides else ["register_signature"]
    first += ["hand_back", "withdraw", "ask_withdrawal"] + ([] if decides else ["urge"])
    grouped = {
        gettext("换人或加人"): ("transfer", "delegate", "add_signer", "remove_signer"),
        gettext("时限"): ("acknowledge", "extend", "change_due"),
        gettext("知会"): ("urge", "copy", "follow", "unfollow")
        if decides
        else ("copy", "follow", "unfollow"),
        gettext("其他"): ("register_signature",) if decides else (),
    }
    return Menu(
        _entries(entry, first),
        [(label, found) for label, names in grouped.items() if (found := _entries(entry, names))],
        _reasons(task, decides=decides),
        _requests(task, entry),
        task.version,
    )


def for_case(view: InstanceView) -> Menu:
    """Return what the page of a case offers the person."""
    first = []
    for done in view.done:
        for name in ("withdraw", "ask_withdrawal"):
            if done.can[name] is None:
                label = gettext(
                    "%(what)s“%(step)s”", what=ON_TASKS[name].label(), step=wording.said(done.step)
                )
                first.append(_entry(ON_TASKS[name], done.item_id, case=False, label=label, _back="case"))
    for holder in view.holders:
        if holder.can.get("urge", "") is None:
            who = gettext("、").join(map(record.called, holder.names))
            label = gettext("催办%(who)s", who=who)
            first.append(_entry(ON_TASKS["urge"], holder.item_id, case=False, label=label, _back="case"))
    if view.can.get("copy", "") is None:
        names = ("copy", "unfollow" if view.following else "follow")
        first += [_entry(ON_CASES[name], view.id, case=True) for name in names]
    return Menu(first, (), _case_reasons(view), _waiting(view))


def _entry(operation: Operation, id: int, *, case: bool, label: str = "", **place: int | str | None) -> Entry:
    endpoint, key = ("operations.on_case", "instance_id") if case else ("operations.on_task", "item_id")
    return Entry(
        operation.name,
        label or operation.label(),
        operation.icon,
        url_for(endpoint, name=operation.name, **{key: id}, **place),
        operation.direct,
        operation.name == "return",
    )


def _entries(entry: Callable[[str], Entry | None], names: Sequence[str]) -> list[Entry]:
    return [found for name in names if (found := entry(name)) is not None]


def _reasons(task: TaskView, *, decides: bool) -> list[tuple[str, str]]:
    """Return why not what people look for, each sentence once; of a closed task only what concerns taking it back."""
    wanted = [*_LOOKED_FOR, *(("remove_signer",) if task.signing else ())] if decides else list(_TAKING_BACK)
    if task.can.get("withdraw") is None:
        wanted = [name for name in wanted if name != "ask_withdrawal"]
    labels = {"unclaim": gettext("放回")}
    said: dict[str, list[str]] = {}
    for name in wanted:
        why = why_not(task, name)
        if why and task.can.get(name) not in _OBVIOUS:
            said.setdefault(why, []).append(labels.get(name) or ON_TASKS[name].label())
    return [(gettext("、").join(names), why) for why, names in said.items()]


#: Reasons that the page itself makes plain.
_OBVIOUS = frozenset(
    {"withdraw.not_yours", "urge.closed", "urge.oneself", "withdraw.possible", "item.unknown"}
)


def _case_reasons(view: InstanceView) -> list[tuple[str, str]]:
    found = []
    for done in view.done[:1]:
        if done.can["withdraw"] is not None and done.can["withdraw"] not in _OBVIOUS:
            found.append((ON_TASKS["withdraw"].label(), why_not(done, "withdraw")))
    for holder in view.holders:
        if holder.can.get("urge") not in (None, *_OBVIOUS):
            found.append((ON_TASKS["urge"].label(), why_not(holder, "urge")))
    return list(dict.fromkeys(found))


def _requests(task: TaskView, entry: Callable[[str], Entry | None]) -> list[Request]:
    found = [
        Request(
            gettext(
                "%(who)s申请撤回“%(step)s”，理由：%(reason)s",
                who=called([one.by]),
                step=wording.said(one.step),
                reason=one.reason,
            ),
            entry("answer_withdrawal"),
        )
        for one in task.asked
    ]
    if task.extension is not None:
        asked = gettext(
            "%(who)s申请延期到 %(due)s（现在是 %(before)s），理由：%(reason)s",
            who=task.extension.asked_by_name,
            due=moment(task.extension.due_at),
            before=moment(task.extension.old_due_at),
            reason=task.extension.reason,
        )
        decide = entry("decide_extension")
        waits = gettext("%(asked)s。等%(who)s答复。", asked=asked, who=called(task.extension.owners))
        found.append(Request(asked if decide else waits, decide))
    return found


def _waiting(view: InstanceView) -> list[Request]:
    """Return the requests for later deadlines of a case, with the way to answer for who decides them."""
    principals = context.actor().principals
    found = []
    for one in view.extensions:
        text = gettext(
            "%(who)s申请把“%(step)s”延期到 %(due)s",
            who=one.asked_by_name,
            step=wording.said(one.step),
            due=moment(one.due_at),
        )
        decide = None
        if not principals.isdisjoint(one.owners):
            decide = _entry(ON_TASKS["decide_extension"], one.item_id, case=False, _back="case")
        found.append(Request(text, decide))
    return found
