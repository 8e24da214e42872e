"""The search over everything that a person may see: cases, the newest first, with the words marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext

from engine.search.highlight import Piece, marked
from engine.search.words import Term
from engine.tasks.finding import Excerpt, Found
from web import context, filter_bar, record, standing, wording
from web.lists import Empty, ListState

blueprint = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that was found, as the page shows it: its names in pieces with the words marked, where it is, and why."""

    href: str
    subject: Sequence[Piece]
    under: Sequence[Sequence[Piece]]
    process_name: str
    amount: int | None
    ties: Sequence[str]
    state: tuple[str, str]
    holder: str
    waiting: str
    excerpts: Sequence[Excerpt]


@blueprint.get("/search")
def page() -> str:
    """Show what was found for the words and filters in the address."""
    state = ListState.read(request.args)
    query = state.inbox_query(current_app.config["PAGE_SIZE"], "newest")
    found = context.engine().search(context.actor(), query)
    return render_template(
        "search/page.html",
        state=state,
        bar=filter_bar.bar(state),
        hits=[_hit(row, found.terms) for row in found.rows],
        next_cursor=found.next_cursor,
        behind=found.behind,
        empty_view=_empty(state, bool(found.terms), bool(found.next_cursor)),
    )


def _hit(row: Found, terms: Sequence[Term]) -> Hit:
    told = standing.told(row.standing, context.now())
    address: dict[str, Any] = (
        {"endpoint": "tasks.show", "item_id": row.mine}
        if row.mine
        else {"endpoint": "instances.show", "instance_id": row.instance_id}
    )
    return Hit(
        url_for(**address),
        marked(row.subject or wording.said(row.process_name), terms),
        [marked(text, terms) for text in (row.unit, row.reference) if text],
        wording.said(row.process_name),
        row.amount,
        _ties(row),
        record.state_of(row.state),
        told["holder"],
        told["waiting"],
        [Excerpt(wording.said(one.title), one.pieces) for one in row.excerpts],
    )


def _ties(row: Found) -> list[str]:
    words = {"done": gettext("我办过"), "started": gettext("我发起")}
    return [*([gettext("待我办理")] if row.mine else []), *(words[tie] for tie in row.ties)]


def _empty(state: ListState, asked: bool, more: bool) -> Empty:
    if not state.text:
        return Empty(
            "search",
            gettext("输入要找的文字"),
            gettext("可以用事项名称、单位、编码的一部分，或者表中的文字；几个词用空格隔开，都有的才列出。"),
        )
    if not asked:
        return Empty("search", gettext("请输入文字或数字"), gettext("标点符号不能用来检索。"))
    if more:
        return Empty("search", gettext("近期的事项里没有"), gettext("点“更早的事项”接着往前找。"))
    return Empty(
        "search",
        gettext("没有找到"),
        gettext("换一个说法，少写几个字，或放宽上面的条件。只列出您看得到的事项。"),
    )
