"""Documents drawn read-only, with the form that they were saved with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

import forms
from engine import DocumentView, VersionView
from web import context, wording
from web.formatting import moment
from web.lists import joined
from web.record import who


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as the page shows it; ``prefix`` begins the ids of its fields."""

    title: str
    version: int
    note: str
    html: Markup
    prefix: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A version of a document that a newer one has replaced; it is shown on a page of its own."""

    id: int
    title: str
    note: str


def earlier(versions: Sequence[VersionView]) -> list[Earlier]:
    """Return the versions that were replaced, the newest on top."""
    return [
        Earlier(one.id, wording.said(one.title), _note(one)) for one in reversed(versions) if not one.newest
    ]


def _note(version: DocumentView | VersionView) -> str:
    return joined(
        gettext("第 %(version)s 版", version=version.version),
        who(version.by) if version.by is not None else "",
        moment(version.saved_at),
    )


def shown(
    document: DocumentView,
    variables: Mapping[str, Any],
    prefix: str,
    *,
    pins: Sequence[Any] = (),
    new_pins: Sequence[Any] = (),
    pinning: str = "",
    attachments: Mapping[str, Mapping[str, Any]] | None = None,
) -> Shown:
    """Draw a document; ``pinning`` names it when the reader may pin opinions to it."""
    return Shown(
        title=wording.said(document.title),
        version=document.version,
        note=_note(document),
        html=_html(document, variables, prefix, pins, new_pins, pinning, attachments),
        prefix=prefix,
    )


def _html(
    document: DocumentView,
    variables: Mapping[str, Any],
    prefix: str,
    pins: Sequence[Any],
    new_pins: Sequence[Any],
    pinning: str,
    attachments: Mapping[str, Mapping[str, Any]] | None,
) -> Markup:
    if document.form_source is None:
        rows = (
            Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(key, escape(value))
            for key, value in document.body.items()
        )
        return Markup('<dl class="facts">{}</dl>').format(Markup("").join(rows))
    view = forms.view(
        forms.read(document.form_source),
        document.body,
        variables,
        context.environment(),
        readonly=True,
        previous=document.previous,
        pins=pins,
        new_pins=new_pins,
        pinning=pinning,
        attachments=attachments,
        prefix=prefix,
    )
    return forms.render(view, context.language())
