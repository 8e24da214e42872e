"""The office's common phrases for opinions; they go into the record, so every page has them in Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from engine import OutcomeView
from web import context

#: A county may replace them by its setting ``phrases``.
DEFAULTS = {
    "agree": ["同意。", "情况属实，同意上报。"],
    "reject": ["请按逐条意见修改后重新报送。", "请补充佐证材料。"],
}


def offered(outcomes: Sequence[OutcomeView]) -> list[str]:
    """Return the phrases of agreeing and of sending back where one of the outcomes rejects, else none."""
    if not any(outcome.rejects for outcome in outcomes):
        return []
    known = context.engine().setting("phrases", DEFAULTS)
    return [*known.get("agree", ()), *known.get("reject", ())]
