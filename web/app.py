"""The application factory: one Flask application for all counties of an installation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from engine.calendar import Clock, SystemClock
from engine.database import Database, Home
from engine.engine import Engine
from engine.plugins import load_plugins
from engine.store import FolderStore
from web import (
    archives,
    auditors,
    chasing,
    dossier_files,
    errors,
    i18n,
    marking,
    plain_text,
    security,
    session,
    static_files,
    templating,
)
from web.config import DEFAULTS, from_environment, secret_key
from web.counties import Counties, CountyPath
from web.extensions import csrf, limiter
from web.printing import sheet
from web.views import (
    accountability,
    adjustments,
    admin,
    agencies,
    annual,
    attachments,
    audit,
    auth,
    beginning,
    books,
    bulk,
    campaigns,
    comments,
    dashboard,
    deadlines,
    design,
    dossiers,
    drafts,
    execution,
    goal_approvals,
    goal_workbooks,
    goals,
    handover,
    health,
    inbox,
    instances,
    integration,
    key_evaluations,
    letters,
    library,
    lists,
    meetings,
    messages,
    monitoring,
    office,
    oidc,
    operate,
    operations,
    own,
    people,
    phrases,
    policies,
    posts,
    project_import,
    projects,
    public,
    publications,
    references,
    refresh,
    registers,
    relations,
    samples,
    search,
    sessions,
    sheets,
    substitutions,
    tasks,
    workbench,
    years,
)

BLUEPRINTS = (
    books,
    integration,
    accountability,
    library,
    years,
    adjustments,
    handover,
    auth,
    workbench,
    inbox,
    own,
    bulk,
    lists,
    meetings,
    refresh,
    tasks,
    dossiers,
    drafts,
    references,
    comments,
    phrases,
    policies,
    office,
    sheets,
    instances,
    attachments,
    goals,
    goal_approvals,
    goal_workbooks,
    key_evaluations,
    letters,
    agencies,
    relations,
    annual,
    beginning,
    dashboard,
    project_import,
    projects,
    publications,
    public,
    registers,
    samples,
    health,
    people,
    sessions,
    admin,
    posts,
    operate,
    design,
    substitutions,
    messages,
    search,
    oidc,
    operations,
    audit,
    deadlines,
    campaigns,
    execution,
    monitoring,
)


class Number(IntegerConverter):
    """A number in an address that a database can hold; a longer one is the address of nothing."""

    regex = "[0-9]{1,18}"


def create_app(
    home: Home | Path | str, *, clock: Clock | None = None, config: Mapping[str, Any] | None = None
) -> Flask:
    """Return the application that serves the counties of ``home`` (an installation's folder, or the object).

    ``clock`` replaces the system's, ``config`` overrides :data:`web.config.DEFAULTS` and the environment.
    """
    if not isinstance(home, Home):
        home = Home(Path(home))
    app = Flask("web", static_folder="static", template_folder="templates")
    app.config.from_mapping({**DEFAULTS, **from_environment(), **(config or {})})
    if not app.config.get("SECRET_KEY"):
        app.config["SECRET_KEY"] = secret_key(home.path)
    plugins = load_plugins()
    ticking = clock or SystemClock()

    def make_engine(database: Database) -> Engine:
        store = FolderStore(home.folder(database.code) / "attachments")
        engine = Engine(database, plugins=plugins, clock=ticking, store=store)
        sheet.install(app, engine)
        chasing.install(app, engine)
        dossier_files.install(engine)
        archives.install(app, engine)
        return engine

    app.extensions["bihuan.counties"] = Counties(home, make_engine, app.config["DEFAULT_COUNTY"])
    app.url_map.converters["int"] = Number
    plain_text.install(app)
    static_files.install(app)
    security.install(app)
    i18n.install(app)
    errors.install(app)
    session.install(app)
    auditors.install(app)
    templating.install(app)
    marking.install(app)
    csrf.init_app(app)
    limiter.init_app(app)
    for module in BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    app.wsgi_app = CountyPath(app.wsgi_app)  # type: ignore[method-assign]
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app
