"""The budget's tables, a module a business."""

from __future__ import annotations

from budget.tables.base import Base, Counter, Exact, Key, Moment
from budget.tables.cases import Campaign, Case
from budget.tables.goals import (
    ExpenseItem,
    FundSource,
    Goal,
    GoalVersion,
    Indicator,
    Milestone,
    QualityResult,
)
from budget.tables.monitoring import (
    ExecutionFigure,
    MonitoringBook,
    MonitoringIndicator,
    MonitoringRecord,
    UnitMonitoring,
)
from budget.tables.register import Project, Section, Unit

__all__ = [
    "Base",
    "Campaign",
    "Case",
    "Counter",
    "Exact",
    "ExecutionFigure",
    "ExpenseItem",
    "FundSource",
    "Goal",
    "GoalVersion",
    "Indicator",
    "Key",
    "Milestone",
    "Moment",
    "MonitoringBook",
    "MonitoringIndicator",
    "MonitoringRecord",
    "Project",
    "QualityResult",
    "Section",
    "Unit",
    "UnitMonitoring",
]
