"""Bihuan's BPM engine; what is not here is private to it."""

from engine.calendar import Clock, SteppedClock, SystemClock
from engine.commands.attaching import Attachment
from engine.commands.checking import NewPin, Reply
from engine.commands.complete import Completed, OpenItem
from engine.commands.deploy import Deployment
from engine.commands.drafts import DraftSaved
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
from engine.identity import SYSTEM, Actor
from engine.plugins import Finding, handler, hookimpl
from engine.store import FolderStore
from engine.tasks.inbox import InboxCounts, InboxPage, InboxQuery, InboxRow
from engine.tasks.views import (
    DocumentView,
    Event,
    Holder,
    Incident,
    InstanceView,
    OutcomeView,
    PinView,
    TaskView,
)

__all__ = [
    "SYSTEM",
    "Actor",
    "Attachment",
    "BihuanError",
    "Clock",
    "Completed",
    "Conflict",
    "Database",
    "Deployment",
    "DoctorFinding",
    "DocumentView",
    "DraftSaved",
    "Engine",
    "Event",
    "ExecutionError",
    "Finding",
    "FolderStore",
    "Forbidden",
    "Holder",
    "Home",
    "InboxCounts",
    "InboxPage",
    "InboxQuery",
    "InboxRow",
    "Incident",
    "InstanceView",
    "InvalidAnswers",
    "NewPin",
    "NotFound",
    "OpenItem",
    "OutcomeView",
    "PinView",
    "Refused",
    "Reply",
    "StartRequest",
    "Started",
    "SteppedClock",
    "SystemClock",
    "TaskView",
    "handler",
    "hookimpl",
]
