"""An instance: where it is, what happened, which documents the reader may see, and its diagram."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

import forms
from engine import InstanceView
from web import attached, comments, context, decisions, documents, points, record, route, versions, wording
from web import related as relations
from web.formatting import moment, wan
from web.lists import joined
from web.operations import menu
from web.security import allow_diagram

blueprint = Blueprint("instances", __name__)

#: The document whose submitted versions the budget keeps; who may read it may read them.
GOAL = "goal"


@dataclass(frozen=True, slots=True)
class InstancePage:
    """Everything that the instance page shows."""

    id: int
    process: str
    subject: str
    state: str
    state_tone: str
    under: str
    facts: Sequence[tuple[str, str, str]]
    incidents: Sequence[str]
    route: route.View
    holders: Sequence[record.HolderView]
    timeline: Sequence[record.EventView]
    opinions: Sequence[record.EventView]
    title: str
    county: str
    request_key: str
    documents: Sequence[documents.Shown]
    earlier: Sequence[documents.Earlier]
    versions: Sequence[versions.Version]
    points: Sequence[points.PointView]
    attachments: Sequence[attached.FileView]
    thread: comments.Thread
    decisions: Sequence[decisions.Grounds]
    own_item: int | None
    operations: menu.Menu


@blueprint.get("/instances/<int:instance_id>")
def show(instance_id: int) -> Any:
    """Show an instance to somebody who takes part in it."""
    view = context.engine().instance(instance_id, context.actor())
    allow_diagram()
    return render_template("instances/page.html", view=page_of(view))


@blueprint.get("/instances/<int:instance_id>/documents/<int:document_id>")
def document(instance_id: int, document_id: int) -> Any:
    """Show one version of a document, with what it changed in the version before it."""
    engine, actor = context.engine(), context.actor()
    view = engine.instance(instance_id, actor)
    found = engine.document_version(instance_id, document_id, actor)
    return render_template(
        "instances/document.html",
        instance_id=view.id,
        subject=view.subject or view.process_name,
        under=joined(view.reference, view.unit),
        document=documents.shown(found, {}, "v", attachments=attached.named(view.attachments)),
    )


@blueprint.get("/instances/<int:instance_id>/related")
def related(instance_id: int) -> Any:
    """Show the other cases about the same matter, as a part of a page or as a page."""
    engine, actor = context.engine(), context.actor()
    lines = relations.lines(engine.related(instance_id, actor))
    if "HX-Request" in request.headers:
        return render_template("instances/related.html", lines=lines)
    view = engine.instance(instance_id, actor)
    return render_template(
        "instances/related_page.html",
        lines=lines,
        instance_id=instance_id,
        subject=view.subject or view.process_name,
        under=joined(view.reference, view.unit),
    )


@blueprint.get("/instances/<int:instance_id>/diagram")
def diagram(instance_id: int) -> Any:
    """Return the diagram and what happened at its nodes, for the viewer."""
    view = context.engine().instance(instance_id, context.actor())
    return jsonify(
        xml=view.bpmn.decode("utf-8"),
        finished=sorted(set(view.finished)),
        flows_taken=sorted(set(view.flows_taken)),
        active=[one.element for one in view.active],
        nodes=record.nodes(view, context.now()),
    )


def _versions(view: InstanceView) -> Sequence[versions.Version]:
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        return versions.versions(session, view.id)


def page_of(view: InstanceView) -> InstancePage:
    """Return everything that the page of an instance shows to the person who asks."""
    now, language = context.now(), context.language()
    state, tone = record.state_of_case(view)
    files = attached.named(view.attachments)
    facts = [
        (gettext("预算单位"), view.unit, "zh"),
        (
            gettext("金额"),
            gettext("%(amount)s 万元", amount=wan(view.amount)) if view.amount is not None else "",
            "",
        ),
        (gettext("编码"), view.reference, ""),
        (gettext("发起"), joined(record.called(view.initiator_name), moment(view.started_at)), "zh"),
        (gettext("办结"), moment(view.ended_at), ""),
        (
            gettext("流程"),
            gettext(
                "%(name)s 第 %(version)s 版",
                name=wording.said(view.process_name),
                version=view.definition_version,
            ),
            "zh",
        ),
    ]
    versions = context.engine().document_versions(view.id, context.actor())
    first = {one.name: number for number, one in reversed(list(enumerate(versions)))}
    newest = sorted(view.documents, key=lambda one: first.get(one.name, len(versions)))
    return InstancePage(
        id=view.id,
        process=view.process_id,
        subject=view.subject or view.process_name,
        state=state,
        state_tone=tone,
        under=joined(view.reference, view.unit),
        facts=[(label, value, lang) for label, value, lang in facts if value],
        incidents=[incident.message(language) for incident in view.incidents],
        route=route.view(view.id),
        holders=record.whereabouts(view, now),
        timeline=record.timeline(view, now),
        opinions=record.opinions(view),
        county=context.county_name(),
        request_key=secrets.token_urlsafe(18),
        title=gettext("%(process)s审批单", process=wording.said(view.process_name)),
        documents=[
            documents.shown(document, {}, f"n{number}", attachments=files)
            for number, document in enumerate(newest, 1)
        ],
        earlier=documents.earlier(versions),
        versions=_versions(view) if any(document.name == GOAL for document in view.documents) else (),
        points=[
            point
            for document in newest
            for point in points.points(
                [pin for pin in view.pins if pin.document == document.name],
                forms.read(document.form_source) if document.form_source else None,
                document.body,
                now,
                language,
            )
        ],
        attachments=attached.listed(view.attachments, now),
        thread=comments.thread(view, now),
        decisions=decisions.grounds(view.decisions, now),
        own_item=next((holder.item_id for holder in view.holders if holder.mine), None),
        operations=menu.for_case(view),
    )
