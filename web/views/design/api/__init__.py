"""The designers' JSON: docs/design-api.md tells every route."""

from web.views.design.api import drafts, files, impact, importing, knowledge, releases, steps, trials
from web.views.design.api.base import blueprint

__all__ = ["blueprint", "drafts", "files", "impact", "importing", "knowledge", "releases", "steps", "trials"]
