"""The pages: sign-in, the inbox, the task page and the registers, a Flask application over the engine.

The factory is imported when it is first used: the command line lives here too, and most commands need no pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from web.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name != "create_app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from web.app import create_app

    return create_app
