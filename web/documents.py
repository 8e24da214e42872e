"""Documents drawn read-only, with the form that they were saved with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

import forms
from web import context
from web.formatting import moment
from web.lists import joined
from web.record import called


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as the page shows it; ``prefix`` begins the ids of its fields."""

    title: str
    version: int
    note: str
    html: Markup
    prefix: str


def shown(
    document: Any,
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
        title=document.title,
        version=document.version,
        note=joined(
            gettext("第 %(version)s 版", version=document.version),
            called(document.author_name),
            moment(document.saved_at),
        ),
        html=_html(document, variables, prefix, pins, new_pins, pinning, attachments),
        prefix=prefix,
    )


def _html(
    document: Any,
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
