"""Bihuan's BPM engine; what is not here is private to it.

Names are imported when they are first used: :mod:`engine.feel` and :mod:`engine.dmn` stand alone, and whoever wants only
them doesn't wait for a database layer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.calendar import Clock, SteppedClock, SystemClock
    from engine.commands.attaching import Attachment
    from engine.commands.bulk import Candidate, Wish
    from engine.commands.bulk_records import BulkLine, BulkRun
    from engine.commands.checking import NewPin, Reply
    from engine.commands.complete import Completed, OpenItem
    from engine.commands.deploy import Deployment
    from engine.commands.drafts import DraftSaved
    from engine.commands.jobs import Job
    from engine.commands.publishing import Published
    from engine.commands.start import Started, StartRequest
    from engine.database import Database, Home
    from engine.doctor import DoctorFinding
    from engine.engine import Engine
    from engine.errors import (
        BihuanError,
        Conflict,
        ExecutionError,
        Forbidden,
        InvalidAnswers,
        NotFound,
        Refused,
    )
    from engine.identity import SYSTEM, Actor, Organisation, Post
    from engine.plugins import (
        BpmnError,
        Finding,
        HandlerContext,
        JobContext,
        JobFailed,
        handler,
        hookimpl,
        job_handler,
        load_plugins,
    )
    from engine.store import FolderStore
    from engine.tasks.inbox import InboxCounts, InboxPage, InboxRow
    from engine.tasks.query import InboxQuery
    from engine.tasks.views import (
        Comment,
        DecisionRule,
        DecisionStep,
        DecisionView,
        DecisionWarning,
        DocumentView,
        Doer,
        DoneView,
        DraftView,
        Event,
        Holder,
        Incident,
        InstanceView,
        OutcomeView,
        PinView,
        PostView,
        SignatureView,
        TargetView,
        TaskView,
        VersionView,
    )

__all__ = [
    "SYSTEM",
    "Actor",
    "Attachment",
    "BihuanError",
    "BpmnError",
    "BulkLine",
    "BulkRun",
    "Candidate",
    "Clock",
    "Comment",
    "Completed",
    "Conflict",
    "Database",
    "DecisionRule",
    "DecisionStep",
    "DecisionView",
    "DecisionWarning",
    "Deployment",
    "DoctorFinding",
    "DocumentView",
    "Doer",
    "DoneView",
    "DraftSaved",
    "DraftView",
    "Engine",
    "Event",
    "ExecutionError",
    "Finding",
    "FolderStore",
    "Forbidden",
    "HandlerContext",
    "Holder",
    "Home",
    "InboxCounts",
    "InboxPage",
    "InboxQuery",
    "InboxRow",
    "Incident",
    "InstanceView",
    "InvalidAnswers",
    "Job",
    "JobContext",
    "JobFailed",
    "NewPin",
    "NotFound",
    "OpenItem",
    "Organisation",
    "OutcomeView",
    "PinView",
    "Post",
    "PostView",
    "Published",
    "Refused",
    "Reply",
    "SignatureView",
    "StartRequest",
    "Started",
    "SteppedClock",
    "SystemClock",
    "TargetView",
    "TaskView",
    "VersionView",
    "Wish",
    "handler",
    "hookimpl",
    "job_handler",
    "load_plugins",
]

_HOMES = {
    "calendar": ("Clock", "SteppedClock", "SystemClock"),
    "commands.attaching": ("Attachment",),
    "commands.bulk": ("Candidate", "Wish"),
    "commands.bulk_records": ("BulkLine", "BulkRun"),
    "commands.checking": ("NewPin", "Reply"),
    "commands.complete": ("Completed", "OpenItem"),
    "commands.deploy": ("Deployment",),
    "commands.drafts": ("DraftSaved",),
    "commands.jobs": ("Job",),
    "commands.publishing": ("Published",),
    "commands.start": ("StartRequest", "Started"),
    "database": ("Database", "Home"),
    "doctor": ("DoctorFinding",),
    "engine": ("Engine",),
    "errors": (
        "BihuanError",
        "Conflict",
        "ExecutionError",
        "Forbidden",
        "InvalidAnswers",
        "NotFound",
        "Refused",
    ),
    "identity": ("SYSTEM", "Actor", "Organisation", "Post"),
    "plugins": (
        "BpmnError",
        "Finding",
        "HandlerContext",
        "JobContext",
        "JobFailed",
        "handler",
        "hookimpl",
        "job_handler",
        "load_plugins",
    ),
    "store": ("FolderStore",),
    "tasks.inbox": ("InboxCounts", "InboxPage", "InboxRow"),
    "tasks.query": ("InboxQuery",),
    "tasks.views": (
        "Comment",
        "DecisionRule",
        "DecisionStep",
        "DecisionView",
        "DecisionWarning",
        "DocumentView",
        "DraftView",
        "Doer",
        "DoneView",
        "Event",
        "Holder",
        "Incident",
        "InstanceView",
        "OutcomeView",
        "PinView",
        "PostView",
        "SignatureView",
        "TargetView",
        "TaskView",
        "VersionView",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return found
