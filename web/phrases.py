"""The office's common phrases for opinions, offered as buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

_MOST = 4


def offered(outcomes: Sequence[Any]) -> list[str]:
    """Return the phrases that suit the outcomes: those of agreeing, and those of sending back where that is possible."""
    found = [gettext("同意。"), gettext("情况属实，同意上报。")]
    if any(outcome.rejects for outcome in outcomes):
        found += [gettext("请按逐条意见修改后重新报送。"), gettext("请补充佐证材料。")]
    return found[:_MOST] if outcomes else []
