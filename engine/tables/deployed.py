"""What is deployed: files that belong together, and the versions of processes in them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from engine.tables.base import Id, Moment, metadata

deployments = Table(
    "deployments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("deployed_at", Moment, nullable=False),
    Column("deployed_by", String(120), nullable=False),
)

resources = Table(
    "resources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deployment_id", Id, ForeignKey("deployments.id"), nullable=False),
    Column("name", String(300), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("key", String(200)),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    UniqueConstraint("deployment_id", "name"),
)

definitions = Table(
    "definitions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("process_id", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String(300), nullable=False),
    Column("deployment_id", Id, ForeignKey("deployments.id"), nullable=False),
    Column("resource_id", Id, ForeignKey("resources.id"), nullable=False),
    #: The element names in the order that state blobs refer to; written once, so that no later reader shifts them.
    Column("names", Text, nullable=False),
    #: Process id → definition id of the processes that call activities reach, bound when this was deployed.
    Column("called", Text, nullable=False),
    #: Since when no new instance of it may start.
    Column("suspended_at", Moment),
    UniqueConstraint("process_id", "version"),
)
