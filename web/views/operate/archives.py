"""归档: what has ended and isn't archived, by process with how long it is kept; having it archived, alone or by two."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from engine.commands.interventions import ARCHIVE
from engine.errors import BihuanError
from web import context, given
from web.formatting import SHANGHAI
from web.views.operate.base import argument, attempt, blueprint, outcome
from workflows import archiving, profiles


@blueprint.get("/archives")
def archives() -> Any:
    """Show what would be archived of what ended before a day, and until when it would be kept."""
    engine, actor = context.engine(), context.actor()
    before = given.usable(given.day, argument("before")) or date(context.year(), 1, 1)
    profile = profiles.of(engine)
    found = [
        (one, archiving.class_of(profile, one.process_id), archiving.retention(profile, one.process_id))
        for one in engine.archivable(_begin(before), actor=actor)
    ]
    return render_template(
        "operate/archives.html",
        before=before.isoformat(),
        found=found,
        total=sum(one.count for one, _, _ in found),
        classes=archiving.CLASSES,
        said=lambda words: words[context.language()],
        two_people=profile.value("archive.two_people"),
        errands=[one for one in engine.errands(actor) if one.kind == ARCHIVE],
    )


@blueprint.post("/archives")
def archive() -> Any:
    """Have it archived in the background, or propose it where the county's rules want two people."""
    engine = context.engine()
    before = given.usable(given.day, request.form.get("before", ""))
    process = request.form.get("process", "").strip()

    def act() -> str:
        if before is None:
            raise BihuanError("operation.params", operation=ARCHIVE, name="before")
        answer = engine.intervene(
            ARCHIVE,
            actor=context.actor(),
            reason=request.form.get("reason", ""),
            process_id=process or None,
            params={"before": _begin(before).isoformat()},
            request_key=request.form.get("_request_key") or None,
            two_people=profiles.of(engine).value("archive.two_people"),
        )
        return outcome(answer, gettext("正在后台归档，完成后通知您下载归档清单。"))

    return attempt(act, url_for("operate.archives", before=before.isoformat() if before else None))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
