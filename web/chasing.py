"""催办 and 延期 of missing reports: done in the background as who asked, with a workbook of what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, g
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import campaigns
from budget.tables import Campaign, Case
from engine import Actor, tables
from engine.commands.errands import Errand, Product
from engine.errors import BihuanError, NotFound
from web import i18n, xlsx
from web.formatting import moment
from workflows.campaigns import kinds

if TYPE_CHECKING:
    from engine import Engine

#: The kinds of errands.
URGE, EXTEND = "campaign_urge", "campaign_extend"
_CHUNK = 500


def install(app: Flask, engine: Engine) -> None:
    """Let ``engine`` urge and extend with the words of ``app``."""
    for kind in (URGE, EXTEND):
        engine.makes(kind, lambda errand, actor: _make(app, engine, errand, actor))


def _make(app: Flask, engine: Engine, errand: Errand, actor: Actor) -> Product:
    """Do what was asked to every missing report; what was done already, by an attempt that died, isn't done again."""
    language = str(errand.params.get("language", "zh"))
    with app.test_request_context(headers={"Cookie": f"{i18n.COOKIE}={language}"}):
        g.engine, g.actor, g.county = engine, actor, engine.database.code
        with engine.database.read() as unit, Session(unit.connection) as session:
            campaign = session.get(Campaign, int(errand.params["campaign"]))
            if campaign is None or campaign.instance_id != errand.instance_id:
                raise NotFound("instance.unknown", instance=errand.instance_id)
            title, kind = campaign.title, str(campaign.kind)
            instances = campaigns.waiting_instances(session, campaign.id, errand.params.get("units"))
        do = _urge if errand.kind == URGE else _extend
        rows = list(do(engine, errand, actor, instances, kind))
        done = gettext("催办结果") if errand.kind == URGE else gettext("延期结果")
        sheet = xlsx.Sheet(done, _headings(), rows, [24, 40, 24, 18, 40])
        return Product(f"{done}-{title}.xlsx".replace("/", "_"), xlsx.workbook([sheet]))


def _headings() -> list[str]:
    return [gettext("预算单位"), gettext("事项"), gettext("步骤"), gettext("时限"), gettext("结果")]


def _items(engine: Engine, instances: Sequence[int]) -> Iterator[Any]:
    """Yield the open tasks of cases, with what a line says of them."""
    items, known = tables.work_items.c, tables.instances.c
    for first in range(0, len(instances), _CHUNK):
        query = (
            select(items.id, items.step, items.due_at, known.subject, known.unit)
            .join(tables.instances, known.id == items.instance_id)
            .where(items.instance_id.in_(instances[first : first + _CHUNK]), items.state == "open")
            .order_by(known.unit, items.id)
        )
        with engine.database.read() as unit:
            yield from unit.execute(query).all()


def _urge(
    engine: Engine, errand: Errand, actor: Actor, instances: Sequence[int], _kind: str
) -> Iterator[Sequence[Any]]:
    for row in _items(engine, instances):
        try:
            engine.urge(
                row.id,
                actor=actor,
                text=str(errand.params.get("text", "")),
                request_key=f"errand:{errand.id}:{row.id}",
            )
            result = gettext("已催办")
        except BihuanError as error:
            result = error.message(str(errand.params.get("language", "zh")))
        yield row.unit, row.subject, row.step, row.due_at, result


def _extend(
    engine: Engine, errand: Errand, actor: Actor, instances: Sequence[int], kind: str
) -> Iterator[Sequence[Any]]:
    """Move the deadlines of the tasks at which the reports wait, and those of their cases, to the same moment."""
    due, reason = datetime.fromisoformat(errand.params["due"]), str(errand.params["reason"])
    language = str(errand.params.get("language", "zh"))
    process = next(one.process for name, one in kinds().items() if name == kind)
    for first in range(0, len(instances), _CHUNK):
        some = list(instances[first : first + _CHUNK])
        moved: list[int] = []
        for element in _elements(engine, some):
            changes = engine.due_changes(process, element, due, actor=actor, instances=some)
            results = engine.change_dues(
                changes, actor=actor, reason=reason, request_key=f"errand:{errand.id}:{element}:{first}"
            )
            for change, result in zip(changes, results, strict=True):
                if result.error is None:
                    moved.append(change.instance_id)
                    said = gettext("已延期")
                elif change.before == due:
                    moved.append(change.instance_id)
                    said = gettext("时限已经是这一天")
                else:
                    said = result.error.message(language)
                yield change.unit, change.subject, change.step, moment(change.after), said
        with engine.database.write() as unit, unit.savepoint() as session:
            campaigns.postpone(session, moved, due)


def _elements(engine: Engine, instances: Sequence[int]) -> list[str]:
    """Return the steps at which cases that were never reported wait with a deadline."""
    items = tables.work_items.c
    query = (
        select(items.element)
        .join(Case, Case.instance_id == items.instance_id)
        .where(items.instance_id.in_(instances), items.state == "open", items.due_at.is_not(None))
        .where(items.due_at == Case.due_at)
        .distinct()
    )
    with engine.database.read() as unit:
        return sorted(unit.execute(query).scalars())
