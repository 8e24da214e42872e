"""What a view asks about the request: its county's engine, the person who acts, the time, the language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, g, request, session
from flask_babel import get_locale
from flask_login import current_user

from engine import feel
from engine.engine import Engine
from engine.identity import Actor
from engine.posts import in_post
from web.counties import Counties
from web.formatting import local
from workflows import profiles
from workflows.wording import Words

#: Where the session keeps the post that was chosen.
POST = "post"
#: Where the session keeps the budget year that was chosen.
YEAR = "year"
#: How many years before and after the county's can be chosen.
_BACK, _AHEAD = 3, 1


def counties() -> Counties:
    """Return the installation's counties."""
    return current_app.extensions["bihuan.counties"]  # type: ignore[no-any-return]


def county_code() -> str:
    """Return the code of the request's county."""
    if "county" not in g:
        g.county = counties().code(request.environ)
    return str(g.county)


def engine() -> Engine:
    """Return the engine of the request's county."""
    if "engine" not in g:
        g.engine = counties().engine(county_code())
    return g.engine  # type: ignore[no-any-return]


def actor() -> Actor:
    """Return the signed-in person with the principals that the posts give today, in the post that they chose."""
    if "actor" not in g:
        g.actor = in_post(engine().actor(current_user.person), session.get(POST))
    return g.actor  # type: ignore[no-any-return]


def now() -> datetime:
    """Return the engine's time, aware."""
    return engine().clock.now()


def language() -> str:
    """Return ``zh`` or ``en``, the language of the page."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def wants_json() -> bool:
    """Whether a script asked, which reads JSON, rather than the browser itself."""
    return request.headers.get("X-Requested-With") == "fetch" or "HX-Request" in request.headers


def said(sentences: Any) -> str:
    """Return the sentence of a ``{"zh": …, "en": …}`` mapping in the page's language."""
    return own(str(sentences.get(language()) or sentences.get("zh") or ""))


def own(text: str) -> str:
    """Return a sentence of the budget's catalogues, which say 县 and 股, with the county's words for them."""
    if "股" not in text and "县" not in text:
        return text
    if "own_words" not in g:
        g.own_words = Words.of(profiles.of(engine()))
    return str(g.own_words.said(text))


def county_name() -> str:
    """Return the county's name."""
    return counties().names().get(county_code(), county_code())


def year() -> int:
    """Return the budget year that is looked at: the one that was chosen in the header, else the county's."""
    chosen = session.get(YEAR)
    return chosen if chosen in years() else county_year()


def county_year() -> int:
    """Return the budget year that the county works on, from its settings, else the calendar's."""
    if "year" not in g:
        g.year = int(engine().setting("year", 0)) or local(now()).year
    return int(g.year)


def years() -> range:
    """Return the budget years that can be chosen in the header."""
    return range(county_year() - _BACK, county_year() + _AHEAD + 1)


def environment() -> feel.Environment:
    """Return the FEEL environment in which a page evaluates a form: the engine's clock, and what plug-ins offer."""
    return feel.Environment(now=engine().clock.now, functions=engine().ports.functions)
