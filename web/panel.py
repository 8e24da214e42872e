"""The task page's view: what the templates of the drawer and of the page show of one work item."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

import forms
from engine import InstanceView, OutcomeView, TaskView
from engine.commands.checking import MAX_OPINION
from engine.messages import sentence
from engine.plugins import Finding
from engine.tasks.route import Route
from forms.evaluation import State
from forms.model import Form
from forms.plugin import evaluated
from web import (
    attached,
    checks,
    comments,
    context,
    decisions,
    documents,
    people,
    phrases,
    points,
    record,
    rivals,
    route,
    signatures,
    task_form,
    wording,
)
from web.brief import Brief, brief
from web.differences import Change, changes
from web.documents import Shown
from web.formatting import Badge, clock_time, due_badge, moment, wan
from web.lists import joined
from web.operations import menu
from web.outcomes import OutcomeButton, button
from web.typed import Typed, drafted

#: A table with more columns than this is so wide that the aside goes below it on a screen of middle width.
_WIDE_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that the templates of a task need."""

    task: TaskView
    beside: bool
    list_query: str
    badge: Badge | None
    under: str
    revision: int
    editable: bool
    wide: bool
    tabs: Sequence[tuple[str, str]]
    notices: Sequence[tuple[str, str]]
    rival: rivals.Rival | None
    facts: Sequence[tuple[str, str, str]]
    brief: Brief
    findings: Sequence[checks.FindingView]
    findings_note: str
    signatures: Sequence[signatures.SignatureLine]
    signatures_note: str
    points: Sequence[points.PointView]
    points_note: str
    changes: Sequence[Change]
    decisions: Sequence[decisions.Grounds]
    shows: Sequence[Shown]
    form_html: Markup | None
    form_title: str
    request_key: str
    show_files: bool
    may_attach: bool
    upload_limit: int
    upload_accept: str
    attachments: Sequence[Any]
    thread: comments.Thread | None
    route: route.View
    holders: Sequence[record.HolderView]
    timeline: Sequence[record.EventView]
    may_claim: bool
    may_unclaim: bool
    may_complete: bool
    may_hand_in: bool
    may_assign: bool
    claim_sentence: str
    cannot: str
    outcomes: Sequence[OutcomeButton]
    drafters: people.Picker | None
    phrases: Sequence[str]
    opinion: str
    longest_opinion: int
    opinion_hint: str
    opinion_error: str
    saved_sentence: str
    then_next: bool
    operations: menu.Menu


@dataclass(frozen=True, slots=True)
class Retry:
    """What a refused submission leaves: what was typed, and why it was refused."""

    typed: Typed
    findings: Sequence[Finding] = ()
    notices: Sequence[tuple[str, str]] = ()
    opinion_error: str = ""
    #: What another window saved meanwhile.
    rival: rivals.Rival | None = None


def build_panel(
    item_id: int, *, list_query: str = "", beside: bool = False, retry: Retry | None = None
) -> Panel:
    """Return the view of a work item for the signed-in person; raises what :meth:`Engine.task` raises."""
    engine, actor = context.engine(), context.actor()
    task, instance, way = engine.page(item_id, actor)
    return _Builder(task, instance, way, list_query, beside, retry).panel()


class _Builder:
    """Puts a panel together; one for each request."""

    def __init__(
        self,
        task: TaskView,
        instance: InstanceView,
        way: Route,
        list_query: str,
        beside: bool,
        retry: Retry | None,
    ) -> None:
        self.task = task
        self.instance = instance
        self.way = way
        self.list_query = list_query
        self.beside = beside
        self.retry = retry or Retry(drafted(task))
        self.now = context.now()
        self.form = forms.read(task.form_source) if task.form_source else None
        #: The form as a check has evaluated it.
        self.state: State | None = None
        self.files = attached.named(instance.attachments)
        self.may_complete = self.may("complete")
        self.may_hand_in = self.may("hand_in")
        #: A secret case takes in no content: neither form nor opinion is drawn, and only what needs neither is offered.
        self.secret = instance.secret
        self.editable = (self.may_complete or self.may_hand_in) and not self.secret
        self.asked = self.may_complete and self.may("hand_back")

    def may(self, operation: str) -> bool:
        return operation in self.task.can and self.task.can[operation] is None

    def panel(self) -> Panel:
        task, shows = self.task, self.shows()
        found = self.findings()
        listed, changed = self.points(), self.changes()
        grounds = decisions.grounds(self.instance.decisions, self.now)
        return Panel(
            task=task,
            beside=self.beside,
            list_query=self.list_query,
            badge=due_badge(task.due_at, self.now),
            under=joined(task.reference, task.unit, wording.said(task.step)),
            revision=task.draft_revision,
            editable=self.editable,
            wide=self.wide(),
            tabs=self.tabs(shows, bool(listed)),
            notices=[*self.retry.notices, *self.standing_notices(), *self.also_drafting()],
            rival=self.rival(),
            facts=self.facts(),
            brief=self.brief(found, listed, changed, grounds),
            findings=found,
            findings_note=checks.note(found),
            signatures=signatures.lines(task, self.now),
            signatures_note=signatures.note(task),
            points=listed,
            points_note=points.note(listed),
            changes=changed,
            decisions=grounds,
            shows=shows,
            form_html=self.form_html(),
            form_title=wording.said(task.step),
            request_key=secrets.token_urlsafe(18),
            show_files=self.may("attach") or bool(self.instance.attachments),
            may_attach=self.may("attach"),
            upload_limit=attached.LIMIT // attached.MEGABYTE,
            upload_accept=attached.ACCEPT,
            attachments=attached.listed(self.instance.attachments, self.now),
            thread=comments.thread(self.instance, self.now, task.item_id) if self.show_comments() else None,
            route=route.shown(self.way),
            holders=record.whereabouts(self.instance, self.now),
            timeline=record.timeline(self.instance, self.now),
            may_claim=self.may("claim"),
            may_unclaim=self.may("unclaim"),
            may_complete=self.may_complete,
            may_hand_in=self.may_hand_in and not self.secret,
            may_assign=self.may("assign_out") and not self.secret,
            claim_sentence=gettext("这一项由多人共办，谁先认领谁办。"),
            cannot=self.cannot(),
            outcomes=self.outcomes(),
            drafters=self.drafters(),
            phrases=phrases.offered(task) if self.editable else (),
            opinion=self.retry.typed.opinion,
            longest_opinion=MAX_OPINION,
            opinion_hint=self.opinion_hint(),
            opinion_error=self.retry.opinion_error,
            saved_sentence=self.saved_sentence(),
            then_next=True,
            operations=menu.for_task(task, self.list_query, beside=self.beside),
        )

    def outcomes(self) -> list[OutcomeButton]:
        """The outcomes that the engine accepts from the person; in a secret case those that take neither form nor text."""
        if not self.may_complete or self.asked:
            return []
        offered = [one for one in self.task.outcomes if not self.secret or self.bare(one)]
        return [button(outcome, index) for index, outcome in enumerate(offered)]

    def show_comments(self) -> bool:
        """Whether there is a thread to show: a secret case takes in none."""
        return bool(self.instance.comments) or not self.secret

    def bare(self, outcome: OutcomeView) -> bool:
        """Whether an outcome can be chosen without anything that is written down."""
        formless = outcome.without_form or self.task.form_source is None
        return formless and not outcome.needs_opinion and not outcome.needs_pins

    def wide(self) -> bool:
        tables = () if self.form is None else (one for one in self.form.fields.values() if one.is_table)
        return any(len(one.children) > _WIDE_COLUMNS for one in tables)

    def tabs(self, shows: Sequence[Shown], listed: bool) -> list[tuple[str, str]]:
        found = [("key", gettext("要点"))]
        if self.task.signatures:
            found.append(("signatures", gettext("签署")))
        if listed:
            found.append(("points", gettext("逐条意见")))
        if self.instance.decisions:
            found.append(("decisions", gettext("判定依据")))
        found += [(f"document-{number}", shown.title) for number, shown in enumerate(shows, 1)]
        if self.form is not None and not self.secret:
            found.append(("form", wording.said(self.task.step)))
        if self.may("attach") or self.instance.attachments:
            found.append(("files", gettext("附件")))
        if self.show_comments():
            found.append(("comments", gettext("评论")))
        return [*found, ("progress", gettext("流程")), ("record", gettext("办理记录"))]

    def facts(self) -> list[tuple[str, str, str]]:
        task = self.task
        found = [
            (gettext("预算单位"), task.unit, "zh"),
            (
                gettext("金额"),
                gettext("%(amount)s 万元", amount=wan(task.amount)) if task.amount is not None else "",
                "",
            ),
            (gettext("编码"), task.reference, ""),
            (gettext("送达"), moment(task.created_at), ""),
            (gettext("办理时限"), moment(task.due_at), ""),
            (gettext("办理身份"), self.acting(), "zh"),
            (gettext("轮次"), gettext("第 %(round)s 轮", round=task.round) if task.round > 1 else "", ""),
        ]
        return [(label, value, language) for label, value, language in found if value]

    def acting(self) -> str:
        """As whom the person would do it: said where they have several posts, or act for somebody else."""
        who = self.task.acting
        told = who is not None and (who.behalf is not None or len(context.actor().posts) > 1)
        return record.who(who) if who is not None and told else ""

    def standing_notices(self) -> list[tuple[str, str]]:
        task = self.task
        found = [("info", self.question())] if self.asked else []
        if self.secret and self.may_complete:
            found.append(("warning", self.offline()))
        fresh = not self.retry.notices and self.retry.rival is None
        if self.editable and task.draft_saved_at and fresh and task.draft_by:
            at = moment(task.draft_saved_at)
            if task.draft_by == context.actor().name:
                found.append(("info", gettext("这是 %(time)s 暂存的内容，还没有提交。", time=at)))
            else:
                said = gettext(
                    "填好的内容和意见是%(who)s于 %(time)s 写的，还没有提交。请核对、修改后再办理。",
                    who=record.called(task.draft_by),
                    time=at,
                )
                found.append(("info", said))
        return found

    def rival(self) -> rivals.Rival | None:
        """The other version of what was typed, where there is one and the person may go on from it."""
        if self.retry.rival is not None or not self.editable:
            return self.retry.rival
        return rivals.of_somebody_else(self.task, self.retry.typed)

    def also_drafting(self) -> list[tuple[str, str]]:
        """Who else is typing at this task: what they have typed stays theirs, and the first to submit is the one."""
        if not self.editable:
            return []
        return [
            (
                "info",
                gettext(
                    "%(who)s也在起草这一项（%(time)s 暂存）。两人的内容各自保存，互不覆盖；谁先提交以谁的为准。",
                    who=record.called(name),
                    time=moment(at),
                ),
            )
            for name, at in self.task.also_drafting
        ]

    def offline(self) -> str:
        """What is to be done with a secret case, and what this page is for."""
        outcomes = gettext("、").join(f"“{one.label}”" for one in self.outcomes())
        if not outcomes:
            return gettext("这是涉密事项，本系统不填报、不附件、不评论。请按保密规定线下办理。")
        return gettext(
            "这是涉密事项，本系统不填报、不附件、不评论。请按保密规定线下办理，办完后点%(outcomes)s，系统只登记已办。",
            outcomes=outcomes,
        )

    def question(self) -> str:
        """Who only asks for an opinion, and what they want to know."""
        asking = [one for one in self.instance.timeline if one.kind == "item.delegated"]
        last = next((one for one in reversed(asking) if one.element == self.task.element), None)
        if last is None:
            return gettext("这一项只是征求您的意见，请写好后点“交回意见”，由对方办理。")
        who, reason = record.who(last.by), str(last.data.get("reason") or "")
        if reason:
            return gettext(
                "%(who)s征求您的意见：“%(reason)s”。写好后点“交回意见”，由对方办理。", who=who, reason=reason
            )
        return gettext("%(who)s征求您的意见。写好后点“交回意见”，由对方办理。", who=who)

    def brief(
        self,
        found: Sequence[checks.FindingView],
        listed: Sequence[points.PointView],
        changed: Sequence[Change],
        grounds: Sequence[decisions.Grounds],
    ) -> Brief:
        """Return what to decide first; a form that is still being filled in has no balance of checks."""
        return brief(
            self.task,
            self.instance,
            deciding=(self.editable or self.may("claim")) and not self.asked,
            findings=found,
            checked=any(shown.form_source is not None for shown in self.task.shows),
            points=listed,
            changes=changed,
            grounds=grounds,
            late=self.task.due_at is not None and self.task.due_at <= self.now,
        )

    def findings(self) -> list[checks.FindingView]:
        """What the checks say: of the documents that the page shows, or of the one that it edits.

        The form itself lists what a refused submission must correct, so that is not said twice.
        """
        if self.form is not None and self.task.form_id and self.task.document and self.editable:
            answers = dict(self.retry.typed.answers or {})
            own = () if self.retry.findings else self.check_own(self.task.form_id, answers)
            if noted := checks.views([one for one in own if not one.blocks], answers, "f"):
                return noted
        return [
            view
            for number, shown in enumerate(self.task.shows, 1)
            if shown.form_source is not None
            for view in checks.views(
                self.check(shown.form_id, shown.form_source, shown.body), shown.body, f"d{number}"
            )
        ]

    def check_own(self, form_id: str, answers: Mapping[str, Any]) -> Sequence[Finding]:
        """Check the task's own form; as the check evaluated it, it is drawn."""
        task = self.task
        request = checks.asked(
            form_id, task.form_source or b"", answers, task.variables, task.element, task.process_id
        )
        found = checks.check(request)
        self.state = evaluated(request)
        return found

    def check(self, form_id: str, source: bytes, body: Mapping[str, Any]) -> Sequence[Finding]:
        return checks.check_document(
            form_id, source, body, self.task.variables, self.task.element, self.task.process_id
        )

    def points(self) -> list[points.PointView]:
        """The pins of the documents on this page, each with the anchor of the place where the page shows it."""
        found: list[points.PointView] = []
        for document in dict.fromkeys(pin.document for pin in self.task.pins):
            pins = [pin for pin in self.task.pins if pin.document == document]
            form, body, previous, prefix = self.place(document)
            found += points.points(
                pins, form, body, self.now, context.language(), prefix=prefix, previous=previous
            )
        return sorted(found, key=lambda point: not point.open)

    def place(
        self, document: str
    ) -> tuple[Form | None, Mapping[str, Any] | None, Mapping[str, Any] | None, str]:
        """Return form, body, the body before and the prefix of ids of a document on this page."""
        if self.form is not None and document == self.task.document:
            return self.form, self.retry.typed.answers, None, "f"
        for number, shown in enumerate(self.task.shows, 1):
            if shown.name == document and shown.form_source is not None:
                return forms.read(shown.form_source), shown.body, shown.previous, f"d{number}"
        return None, None, None, ""

    def changes(self) -> list[Change]:
        """What differs from the last round, in the documents that the page shows."""
        return [
            change
            for shown in self.task.shows
            if shown.previous is not None and shown.form_source is not None
            for change in changes(
                forms.read(shown.form_source), shown.previous, shown.body, context.language()
            )
        ]

    def shows(self) -> list[Shown]:
        task = self.task
        return [
            documents.shown(
                shown,
                task.variables,
                f"d{number}",
                pins=[pin for pin in task.pins if pin.document == shown.name],
                new_pins=[pin for pin in self.retry.typed.pins if pin["document"] == shown.name],
                pinning=shown.name if self.editable and shown.name == task.pins_document else "",
                attachments=self.files,
            )
            for number, shown in enumerate(task.shows, 1)
        ]

    def form_html(self) -> Markup | None:
        if self.form is None or self.secret:
            return None
        return task_form.drawn(
            self.form,
            self.task,
            self.files,
            self.retry.typed,
            self.retry.findings,
            editable=self.editable,
            state=self.state,
        )

    def drafters(self) -> people.Picker | None:
        """The field in which a drafter is chosen; nothing where the task can't be given to one."""
        if not self.may("assign_out"):
            return None
        scope = people.Scope(people.DRAFT, item=self.task.item_id)
        options = [people.Option(f"user:{one.person}", one.name, "") for one in self.task.drafters]
        known = [people.Group(gettext("可以选的人员"), options)]
        return people.Picker("_to", gettext("交给"), scope.address(), known)

    def opinion_hint(self) -> str:
        if self.asked:
            return gettext("您的意见")
        needing = [wording.said(outcome.name) for outcome in self.task.outcomes if outcome.needs_opinion]
        if needing and self.may_complete:
            return gettext("意见（选择“%(outcomes)s”必填）", outcomes=gettext("、").join(needing))
        return gettext("意见（可不填）")

    def saved_sentence(self) -> str:
        saved = self.task.draft_saved_at
        return gettext("已保存 %(time)s", time=clock_time(saved)) if saved else ""

    def cannot(self) -> str:
        """Why the person can't act here: what became of a closed item, else the engine's reason."""
        task = self.task
        if task.state == "completed":
            return gettext(
                "这一步已由%(by)s于 %(at)s 办理：%(outcome)s。",
                by=record.who(task.done_by) if task.done_by is not None else "",
                at=moment(task.completed_at),
                outcome=wording.said(task.outcome or "") or gettext("已办结"),
            )
        reason = task.can.get("complete")
        known = {"step": wording.said(task.step), "by": task.holder or "", "at": task.completed_at}
        return sentence(reason, known, context.language()) if reason else ""
