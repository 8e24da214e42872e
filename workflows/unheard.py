"""Messages that no process took within thirty days (domain §7.2): the operators are told of them, once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, select

from engine import messages, tables
from engine.commands import informing
from engine.identity import OPERATOR
from workflows.mornings import Morning, each_morning

if TYPE_CHECKING:
    from engine.engine import Engine

messages.register(
    {
        "messages.unheard": {
            "zh": "{count} 条消息发出满 30 天没有流程接收（{names}），请查看发出的事项",
            "en": "{count} messages were taken by no process within 30 days ({names}); see the cases that sent them",
        },
    }
)

#: So long a message waits for a process that takes it before somebody hears of it.
PATIENCE = timedelta(days=30)
#: So many names are told.
_NAMES = 5
_MARK = "unheard messages"
_message = tables.messages.c
_unheard = (
    select(_message.name, _message.sender_id, _message.published_at, _message.expires_at)
    .where(
        _message.kind == "message",
        _message.published_at > bindparam("since"),
        _message.published_at <= bindparam("until"),
        ~exists().where(tables.correlations.c.message_id == _message.id),
    )
    .order_by(_message.id)
)


def tell(engine: Engine) -> int:
    """Tell once a day, from the morning on, of what has waited for thirty days since it was last looked; return to how many.

    What was to be kept a shorter time is nobody's concern: whoever sent it expected that.
    """
    return each_morning(engine, _MARK, _tell)


def _tell(morning: Morning) -> int:
    unit, now = morning.unit, morning.now
    before = morning.before or now - timedelta(days=1)
    window = {"since": before - PATIENCE, "until": now - PATIENCE}
    found = [row for row in unit.execute(_unheard, window) if row.expires_at - row.published_at >= PATIENCE]
    if not found:
        return 0
    counted = Counter(row.name for row in found)
    names = "、".join(f"{name}×{count}" for name, count in counted.most_common(_NAMES))
    sender = next((row.sender_id for row in found if row.sender_id is not None), None)
    link = "/operate/cases" if sender is None else f"/operate/cases/{sender}"
    said = {"count": len(found), "names": names}
    return len(informing.notice(unit, [f"role:{OPERATOR}"], "messages.unheard", said, link, now))
