"""影响分析: what a draft changes, where running cases stand, and what ended ones would have become."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, request

from engine.design.comparing import Changed
from engine.design.replaying import Replayed
from engine.identity import name_of_principal
from web import context, wording
from web.views.design.api.base import answer, asked, blueprint, text, whole, wholes


@blueprint.post("/compare")
def compare() -> Response:
    """Return what is different between two contents of a file."""
    body = asked()
    found = context.engine().design.compare(
        text(body, "file"), text(body, "before").encode(), text(body, "after").encode(), context.actor()
    )
    return answer({"changes": [_changed(one) for one in found]})


@blueprint.post("/drafts/<int:draft_id>/impact")
def impact(draft_id: int) -> Response:
    """Return what the draft changes, and where the cases of the processes stand that use it."""
    found = context.engine().design.impact(draft_id, context.actor(), beside=wholes(asked(), "with"))
    return answer(
        {
            "changes": [_changed(one) for one in found.changes],
            "processes": [
                {
                    "id": id,
                    "name": wording.said(found.names[id]),
                    "running": [
                        {"version": version, "cases": number} for version, number in found.running[id]
                    ],
                    "standing": [
                        {
                            "version": one.version,
                            "element": one.element,
                            "name": wording.said(one.name),
                            "cases": one.cases,
                            "goes_to": one.goes_to,
                        }
                        for one in found.standings.get(id, ())
                    ],
                }
                for id in found.processes
            ],
        }
    )


@blueprint.post("/drafts/<int:draft_id>/replay")
def replay(draft_id: int) -> Response:
    """Replay the newest ended cases of a process through the draft."""
    body = asked()
    found = context.engine().design.replay(
        draft_id,
        text(body, "process"),
        context.actor(),
        limit=whole(body, "limit") if "limit" in body else 50,
        beside=wholes(body, "with"),
    )
    return answer(
        {
            "total": len(found),
            "same": sum(one.same for one in found),
            "other_way": sum(one.parts is not None for one in found),
            "other_end": sum(one.ends_otherwise for one in found),
            "other_people": sum(bool(one.asked) for one in found),
            "longer": sum(_longer(one) for one in found),
            "stopped": sum(one.stopped is not None for one in found),
            "cases": [_replayed(one) for one in found if not one.same],
        }
    )


@blueprint.get("/processes/<process_id>/bottlenecks")
def bottlenecks(process_id: str) -> Response:
    """Return the steps by how much time passes in them, of completions in the last ``?days=`` (all by default)."""
    days = request.args.get("days", "")
    since = context.now() - timedelta(days=int(days)) if days.isdecimal() and 0 < len(days) <= 4 else None
    found = context.engine().design.bottlenecks(process_id, context.actor(), since=since)
    return answer(
        {
            "steps": [
                {
                    "element": one.row.element,
                    "name": one.row.name,
                    "share": round(one.share, 3),
                    "median": one.row.took.median,
                    "p90": one.row.took.p90,
                    "count": one.row.took.count,
                    "late": one.row.done_late,
                    "waiting": one.row.waiting,
                }
                for one in found
                if one.row.took is not None
            ]
        }
    )


def _longer(one: Replayed) -> bool:
    """Whether a case would have taken more steps, or more time by its timers."""
    return len(one.after) > len(one.before) or one.seconds_after > one.seconds_before


def _changed(one: Changed) -> dict[str, Any]:
    return {
        "element": one.element,
        "kind": one.kind,
        "name": one.name,
        "change": one.change,
        "properties": [
            {"name": name, "before": before, "after": after}
            for name, (before, after) in one.properties.items()
        ],
    }


def _replayed(one: Replayed) -> dict[str, Any]:
    """Return what would be different in a case: its way and who is asked, nothing of its contents."""
    everybody = [who for pair in one.asked.values() for side in pair for who in side]
    names = context.engine().people.names(everybody)

    def called(principal: str) -> str:
        role = principal.removeprefix("role:").partition("@")[0]
        said = name_of_principal(principal, names)
        return said.replace(role, wording.role(role)) if principal.startswith("role:") else said

    return {
        "instance": one.instance_id,
        "version": one.version,
        "before": list(one.before),
        "after": list(one.after),
        "parts": one.parts,
        "names": {id: wording.said(name) for id, name in one.names.items()},
        "state_before": one.state_before,
        "state_after": one.state_after,
        "ends_otherwise": one.ends_otherwise,
        "longer": _longer(one),
        "asked": [
            {
                "element": element,
                "before": [called(who) for who in before],
                "after": [called(who) for who in after],
            }
            for element, (before, after) in one.asked.items()
        ],
        "stopped": None if one.stopped is None else one.stopped.message(context.language()),
    }
