"""The 审批单 of a case as a PDF: the page that a browser prints, as the person who asked for it may see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Flask, g, render_template
from flask_babel import gettext

from engine import Actor
from engine.commands.errands import Errand, Product
from web import context, i18n
from web.formatting import moment
from web.printing import pdf

if TYPE_CHECKING:
    from engine import Engine

#: The kind of errand.
KIND = "sheet"
_LONGEST_NAME = 80


def install(app: Flask, engine: Engine) -> None:
    """Let ``engine`` make sheets with the pages of ``app``."""
    engine.makes(KIND, lambda errand, actor: make(app, engine, errand, actor))


def make(app: Flask, engine: Engine, errand: Errand, actor: Actor) -> Product:
    """Return the sheet that ``actor`` asked for; raises :class:`NotFound` where they may not see the case any more."""
    from web.views.instances import page_of

    if errand.instance_id is None:
        raise ValueError("a sheet is of a case")
    language = str(errand.params.get("language", "zh"))
    with app.test_request_context(headers={"Cookie": f"{i18n.COOKIE}={language}"}):
        g.engine, g.actor, g.county = engine, actor, engine.database.code
        view = engine.instance(errand.instance_id, actor)
        page = page_of(view)
        source = render_template(
            "instances/page.html",
            view=page,
            layout="instances/bare.html",
            with_comments=bool(errand.params.get("comments")),
        )
        printed_by = gettext("%(name)s 打印于 %(time)s", name=actor.name, time=moment(context.now()))
        content = pdf(
            source,
            title=f"{page.title} {page.subject}",
            author=page.county,
            foot="　".join(filter(None, (page.county, view.reference, printed_by))),
            pages=gettext("第 {page} 页 共 {pages} 页"),
            font=app.config["PDF_FONT"],
        )
        name = "-".join(filter(None, (page.title, page.subject[:_LONGEST_NAME], view.reference)))
    return Product(re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", name) + ".pdf", content)
