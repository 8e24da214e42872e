"""The engine's tables; a county's schema or file holds one set of them, no table has a tenant column.

JSON columns are text that the engine writes and reads itself (numbers as ``Decimal``), never a database's own JSON
type, which would re-order keys and turn decimals into floats.
"""

from engine.tables.administration import approvals, audit_scopes, guesses, imports, reads, sessions, sign_ins
from engine.tables.base import NEVER, Id, Moment, metadata
from engine.tables.bulk import bulk_items, bulks
from engine.tables.cases import (
    attachments,
    documents,
    drafts,
    inbox,
    instances,
    openings,
    pins,
    signatures,
    work_items,
)
from engine.tables.deployed import definitions, deployments, resources
from engine.tables.designing import (
    design_cases,
    design_drafts,
    design_editors,
    design_release_files,
    design_releases,
    design_revisions,
)
from engine.tables.errands import errands
from engine.tables.identity import organisations, people, posts, settings, working_days
from engine.tables.messaging import (
    MAX_NAME,
    business_keys,
    correlations,
    messages,
    start_timers,
    subscriptions,
)
from engine.tables.migrating import migrated, migrations
from engine.tables.personal import preferences, saved_filters
from engine.tables.record import chains, events, roots
from engine.tables.searching import search_readers
from engine.tables.sharing import extensions, follows, notes, substitutions
from engine.tables.telling import confirmations, outbox, secrets, watermarks, wishes
from engine.tables.waiting import archives, incidents, jobs, proposals, requests

__all__ = [
    "MAX_NAME",
    "NEVER",
    "Id",
    "Moment",
    "approvals",
    "archives",
    "attachments",
    "audit_scopes",
    "bulk_items",
    "bulks",
    "business_keys",
    "chains",
    "confirmations",
    "correlations",
    "definitions",
    "deployments",
    "design_cases",
    "design_drafts",
    "design_editors",
    "design_release_files",
    "design_releases",
    "design_revisions",
    "documents",
    "drafts",
    "errands",
    "events",
    "extensions",
    "follows",
    "guesses",
    "imports",
    "inbox",
    "incidents",
    "instances",
    "jobs",
    "messages",
    "metadata",
    "migrated",
    "migrations",
    "notes",
    "openings",
    "organisations",
    "outbox",
    "people",
    "pins",
    "posts",
    "preferences",
    "proposals",
    "reads",
    "requests",
    "resources",
    "roots",
    "saved_filters",
    "search_readers",
    "secrets",
    "sessions",
    "settings",
    "sign_ins",
    "signatures",
    "start_timers",
    "subscriptions",
    "substitutions",
    "watermarks",
    "wishes",
    "work_items",
    "working_days",
]
