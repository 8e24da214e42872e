"""Bulk runs: a selection is kept as a list, previewed, confirmed once; then its record shows how far it is."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import Wish
from engine.commands.bulk_runs import MAX_ITEMS
from engine.errors import BihuanError, Conflict, Refused
from web import bulk, context, given, navigation, xlsx
from web.errors import explained
from web.lists import ListState
from web.rosters import ROSTERS

blueprint = Blueprint("bulk", __name__)

#: For how many seconds the request that confirms does what it can itself; the rest is done in the background.
AT_ONCE = 0.5
#: A ticked row: a task with the version that the list showed, or a case, whose open tasks are meant.
_PICK = re.compile(r"(\d{1,18}):(\d{1,9})")
_CASE = re.compile(r"case:(\d{1,18})")
_MOST_PICKS = 20_000
#: So many boxes may be ticked once for all tasks.
_MOST_BOXES = 20


@blueprint.post("/bulk/choose")
def choose() -> Any:
    """Keep what is ticked, or all that the list shows now, as a list with versions, and lead to its preview."""
    engine, actor = context.engine(), context.actor()
    if request.form.get("all") == "1":
        state = ListState.parse(request.form.get("_list", ""))
        items, more = engine.listed_now(state.inbox_query(1), actor=actor)
        if more:
            flash(
                gettext("符合条件的超过 %(limit)s 项，这次只列入前 %(limit)s 项。", limit=MAX_ITEMS),
                "warning",
            )
    else:
        picks = request.form.getlist("pick")[:_MOST_PICKS]
        items = [(int(found[1]), int(found[2])) for pick in picks if (found := _PICK.fullmatch(pick))]
        cases = [int(found[1]) for pick in picks if (found := _CASE.fullmatch(pick))]
        if cases:
            items += engine.open_items(list(dict.fromkeys(cases)), actor=actor)
    try:
        run = engine.choose_bulk(items, actor=actor, request_key=_key())
    except Refused as error:
        flash(explained(error), "error")
        return redirect(_back(), code=303)
    return redirect(url_for("bulk.show", run=run, operation=request.form.get("operation") or None), code=303)


def _key() -> str | None:
    key = request.form.get("_request_key", "")
    return f"{context.actor().person}:bulk:{key}" if 8 <= len(key) <= 60 else None


def _back() -> str:
    """Return the address of the list from which was chosen."""
    state = ListState.parse(request.form.get("_list", ""))
    name = request.form.get("_name", "")
    endpoint = ROSTERS[name].endpoint if name in ROSTERS else "inbox.waiting"
    return url_for(endpoint, **state.args(cursor=state.cursor))


@blueprint.get("/bulk")
def records() -> Any:
    """Show the person's bulk runs, the newest first."""
    if not navigation.has_business():
        abort(403)
    before = request.args.get("before", type=given.number)
    found = context.engine().bulks(actor=context.actor(), before=before, limit=bulk.PAGE + 1)
    shown = [bulk.record(run) for run in found[: bulk.PAGE]]
    following = shown[-1].run if len(found) > bulk.PAGE else None
    return render_template("bulk/records.html", records=shown, before=before, following=following)


@blueprint.get("/bulk/<int:run>")
def show(run: int) -> Any:
    """Show the preview of a chosen list, or the record of a confirmed one."""
    found = context.engine().bulk_run(run, actor=context.actor())
    if found.confirmed_at is None:
        return _previewed(run, dict(request.args))
    state = request.args.get("state", "")
    first = request.args.get("from", 0, type=given.number)
    states = [state] if state in dict.fromkeys(found.counts) else None
    lines = context.engine().bulk_lines(run, actor=context.actor(), states=states)
    return render_template(
        "bulk/record.html",
        record=bulk.record(found),
        state=state if states else "",
        results=bulk.results(lines[first : first + bulk.PAGE]),
        first=first,
        count=len(lines),
        page=bulk.PAGE,
    )


def _previewed(run: int, values: dict[str, str], *, status: int = 200, error: str = "") -> Any:
    engine, actor = context.engine(), context.actor()
    wish = bulk.told_wish(values)
    found = engine.preview_bulk(run, actor=actor, wish=wish)
    if wish is None:
        wish = bulk.read_wish(values, found)
        ready = bulk.complete_enough(wish, found)
        judged = engine.preview_bulk(run, actor=actor, wish=wish) if ready else ()
    else:
        judged = found
    page = render_template("bulk/preview.html", view=bulk.preview(run, found, wish, judged), error=error)
    return page, status


@blueprint.post("/bulk/<int:run>/confirm")
def confirm(run: int) -> Any:
    """Confirm a chosen list; a second click finds it confirmed. What can be done at once is done at once."""
    engine, actor = context.engine(), context.actor()
    values = request.form
    ticked = given.numbers(values.getlist("item")[:_MOST_PICKS])
    wish = Wish(
        values.get("operation", ""),
        values.get("outcome") or None,
        values.get("opinion", "").strip(),
        values.get("to", "").removeprefix("user:") or None,
        confirmed=tuple(values.getlist("confirmed")[:_MOST_BOXES]),
    )
    try:
        engine.confirm_bulk(run, actor=actor, wish=wish, ticked=ticked)
    except (Conflict, Refused) as error:
        if engine.bulk_run(run, actor=actor).confirmed_at is None:
            return _previewed(run, dict(values), status=422, error=explained(error))
        flash(explained(error), "error")
    else:
        engine.run_bulk(run, seconds=AT_ONCE)
    return redirect(url_for("bulk.show", run=run), code=303)


@blueprint.post("/bulk/<int:run>/stop")
def stop(run: int) -> Any:
    """Stop a run: what waits for its turn stays undone."""
    try:
        context.engine().stop_bulk(run, actor=context.actor())
    except Refused as error:
        flash(explained(error), "error")
    return redirect(url_for("bulk.show", run=run), code=303)


@blueprint.post("/bulk/<int:run>/retry")
def retry(run: int) -> Any:
    """Choose anew what wasn't done and is still open, as it is now, and lead to its preview with the same wish."""
    engine, actor = context.engine(), context.actor()
    wish = engine.bulk_run(run, actor=actor).wish
    try:
        again = engine.retry_bulk(run, actor=actor, request_key=_key())
    except Refused as error:
        flash(explained(error), "error")
        return redirect(url_for("bulk.show", run=run), code=303)
    asked = {} if wish is None else {"operation": wish.operation, "outcome": wish.outcome, "to": wish.to}
    return redirect(url_for("bulk.show", run=again, **{k: v for k, v in asked.items() if v}), code=303)


@blueprint.get("/bulk/<int:run>/export.xlsx")
def export(run: int) -> Any:
    """Return what became of each task as a workbook."""
    engine, actor = context.engine(), context.actor()
    found = engine.bulk_run(run, actor=actor)
    if found.confirmed_at is None:
        raise BihuanError("bulk.not_confirmed")
    shown = bulk.record(found)
    results = bulk.results(engine.bulk_lines(run, actor=actor))
    rows = [bulk.cells(number, one) for number, one in enumerate(results, 1)]
    sheet = xlsx.Sheet(
        gettext("批量办理结果"),
        bulk.headings(),
        rows,
        (6, 36, 24, 18, 18, 14, 12, 48, 18),
        bulk.summary(shown),
    )
    return xlsx.download(gettext("批量办理%(run)s", run=run), [sheet])
