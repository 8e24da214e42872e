"""What is checked in the forms of a publication besides what they demand themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import select

from budget.answers import day, number, rows, text
from budget.quality.model import found
from budget.tables import Project
from engine.calendar import ZONE
from engine.plugins import AnswersRequest, Finding

#: A note that says why an item is kept back has so many characters at least.
_NOTE = 5


def check_content(request: AnswersRequest) -> Iterator[Finding]:
    """Every item is confirmed once; one that is kept back has a reason; nothing secret goes out (DQ29, domain §8.2)."""
    known = {text(row["code"]) for row in rows(request.variables.get("items"))}
    seen: set[str] = set()
    secret = _secret(request)
    for at, row in enumerate(rows(request.answers.get("items"))):
        code = text(row.get("code"))
        if code not in known or code in seen:
            yield found("publication_unknown", f"items.{at}.name")
            continue
        seen.add(code)
        if row.get("publish") is True:
            if code in secret:
                yield found("publication_secret", f"items.{at}.publish", name=text(row.get("name")))
        elif not text(row.get("reason")) or len(text(row.get("note"))) < _NOTE:
            yield found("publication_withheld", f"items.{at}.reason", minimum=_NOTE)
    if missing := known - seen:
        yield found("publication_missing", "items", count=len(missing))


def _secret(request: AnswersRequest) -> frozenset[str]:
    """Return the codes of projects that were marked secret since the items were collected."""
    about = request.variables.get("publication")
    if request.session is None or not isinstance(about, Mapping):
        return frozenset()
    query = select(Project.code).where(
        Project.fiscal_year == int(number(about.get("year")) or 0), Project.secret_flag
    )
    return frozenset(request.session.scalars(query))


def check_post(request: AnswersRequest) -> Iterator[Finding]:
    """An address is one of the web; the day is neither later than today nor earlier than the day of release."""
    parts = urlsplit(text(request.answers.get("url")))
    if parts.scheme not in ("http", "https") or "." not in parts.netloc:
        yield found("publication_url", "url")
    on = day(request.answers.get("published_on"))
    if on is None:
        return
    released = day(request.variables.get("release_on")) or date.min
    if on > request.now.astimezone(ZONE).date():
        yield found("publication_later", "published_on")
    if on < released:
        yield found("publication_earlier", "published_on", day=released.isoformat())


def check_objection(request: AnswersRequest) -> Iterator[Finding]:
    """An objection came today at the latest."""
    on = day(request.answers.get("received_on"))
    if on is not None and on > request.now.astimezone(ZONE).date():
        yield found("objection_later", "received_on")


CHECKS = {
    "publication_content": check_content,
    "publication_post": check_post,
    "publication_objection": check_objection,
}
