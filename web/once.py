"""One click is one act: a page that is posted twice with the same content is done once, and leads where it led at first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tables
from engine.commands import requests
from engine.database import Unit
from engine.values import digest, load_plain
from web import context, leading

_answer = tables.requests.c.answer


def answered() -> Mapping[str, Any] | None:
    """Return what a command was answered that had this page's :func:`~web.leading.request_key`; None for a first click."""
    key = leading.request_key()
    if key is None:
        return None
    with context.engine().database.read() as unit:
        known = unit.execute(select(_answer).where(tables.requests.c.key == key)).scalar()
    return None if known is None else dict(load_plain(known))


def written(act: Callable[[Session], Mapping[str, Any]], *content: bytes) -> Mapping[str, Any]:
    """Let ``act`` write in one transaction, and return what it returns, which JSON can hold.

    The same page posted again writes nothing and gets the first answer; ``content`` are the files that it brought. What
    ``act`` raises undoes what it wrote, and is raised.
    """
    engine, key = context.engine(), leading.request_key()
    asked = requests.fingerprint(request.endpoint, request.view_args)
    if key is not None and content:
        key += f":{digest(b''.join(content))[:16]}"

    def command(unit: Unit) -> Mapping[str, Any]:
        known = requests.answer(unit, key, asked)
        if known is not None:
            return dict(known)
        with unit.savepoint() as session:
            answer = act(session)
        requests.remember(unit, key, asked, answer, context.now())
        return answer

    return engine.database.retry(command)
