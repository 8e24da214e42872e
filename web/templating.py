"""What every template can call: icons, built files, filters, the frame's view, the forms' own templates."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
from flask_babel import gettext
from flask_login import current_user

from engine.identity import Actor
from web import agents, context, dossier_files, formatting, i18n, navigation, session, static_files, wording
from workflows.letter.starting import DRAFTERS


@dataclass(frozen=True, slots=True)
class PostChoice:
    """A post that the person may switch to; the empty principal is all of them."""

    principal: str
    label: str
    until: str
    current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around a page: the county, the year, who is signed in in which post, the navigation.

    ``posts`` are the choices: of one post that one, of several all together first.
    """

    county: str
    year: int
    #: The budget years that can be looked at.
    years: Sequence[int]
    name: str
    post: str
    posts: Sequence[PostChoice]
    groups: Sequence[navigation.Group]
    #: Whether there is anything that the person may search.
    searches: bool = True


def shell_view() -> Shell:
    """Return the frame of the signed-in person's page."""
    actor = context.actor()
    posts = _choices(actor)
    return Shell(
        county=context.county_name(),
        year=context.year(),
        years=list(reversed(context.years())),
        name=actor.name,
        post=next((one.label for one in posts if one.current), ""),
        posts=posts,
        groups=navigation.groups(context.engine().badges(actor)),
        searches=not actor.is_auditor,
    )


def _choices(actor: Actor) -> list[PostChoice]:
    found = [
        PostChoice(
            post.principal,
            wording.post(post),
            formatting.day(post.valid_to),
            post == actor.post or len(actor.posts) == 1,
        )
        for post in actor.posts
    ]
    if len(found) < 2:
        return found
    whole = gettext("全部岗位（%(count)s 个）", count=len(found))
    return [PostChoice("", whole, "", actor.post is None), *found]


def request_key() -> str:
    """Return a key for one form of one page, by which a second click is recognised."""
    return secrets.token_urlsafe(18)


def person_key() -> str:
    """Return what keeps one person's copies in a shared browser apart from another's."""
    return current_user.get_id() if current_user and current_user.is_authenticated else ""


def makes_dossiers() -> bool:
    """Whether the signed-in person makes dossiers (卷宗)."""
    return dossier_files.makes(context.actor())


def drafts_letters() -> bool:
    """Whether the signed-in person drafts letters (公文)."""
    return any(post.role in DRAFTERS for post in context.actor().posts)


def install(app: Flask) -> None:
    """Register globals and filters."""
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # UTF-8 is half as long
    app.jinja_env.globals.update(
        icon=static_files.icon,
        built_url=static_files.built_url,
        language=context.language,
        script_strings=i18n.script_strings,
        shell_view=shell_view,
        person_key=person_key,
        idle_minutes=lambda: session.limits().idle_minutes,
        request_key=request_key,
        makes_dossiers=makes_dossiers,
        drafts_letters=drafts_letters,
        section_word=wording.section,
        said=wording.said,
    )
    app.jinja_env.filters.update(
        checkpoint=formatting.checkpoint,
        wan=formatting.wan,
        day=formatting.day,
        moment=formatting.moment,
        short_moment=formatting.short_moment,
        browser_name=agents.browser_name,
        role_title=wording.role,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
