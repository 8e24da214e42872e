"""流程运行: what operators see of processes and cases, and where they intervene; nobody else gets in."""

from web.views.operate import archives, cases, incidents, migrations, overview, proposals
from web.views.operate.base import blueprint

__all__ = ["archives", "blueprint", "cases", "incidents", "migrations", "overview", "proposals"]
