"""The budget's tables, a module a business."""

from __future__ import annotations

from budget.tables.accountability import Accountability, Oversight, OversightOpinion
from budget.tables.adjustments import Adjustment, BudgetAmount
from budget.tables.annual import AnnualReport
from budget.tables.approvals import GoalApproval, GoalLetter, GoalLetterItem
from budget.tables.base import Base, Counter, Exact, Key, Moment
from budget.tables.books import BookEntry, BookVersion, Draw, SystemCode
from budget.tables.campaigns import CalendarMark, CampaignMember, Escalation, LedgerEntry
from budget.tables.cases import Campaign, Case
from budget.tables.disbursements import Disbursement, DisbursementRequest, DisbursementReview
from budget.tables.engagements import Engagement, EngagementObject, EngagementPoint
from budget.tables.evaluations import Evaluation, EvaluationCheck, EvaluationPoint
from budget.tables.ex_ante import ExAnteEvaluation, ExAntePoint, ExAnteSeat
from budget.tables.goals import (
    ExpenseItem,
    FundSource,
    Goal,
    GoalVersion,
    Indicator,
    Milestone,
    QualityResult,
)
from budget.tables.holds import Hold, TreasuryNotice
from budget.tables.key_evaluations import (
    AgencyService,
    KeyChoice,
    KeyEvaluation,
    KeyIndicator,
    KeyIssue,
    KeySurvey,
    WorkingPaper,
)
from budget.tables.letters import Letter, LetterTemplate
from budget.tables.library import LibraryIndicator
from budget.tables.meetings import Meeting, MeetingItem
from budget.tables.monitoring import (
    ExecutionFigure,
    MonitoringBook,
    MonitoringCheck,
    MonitoringIndicator,
    MonitoringRecord,
    UnitMonitoring,
)
from budget.tables.policies import Policy
from budget.tables.profiles import ProfileVersion
from budget.tables.publications import (
    Publication,
    PublicationChannel,
    PublicationItem,
    PublicationObjection,
)
from budget.tables.rectification import (
    Rectification,
    RectificationAction,
    RectificationEscalation,
    RectificationIssue,
    RectificationVerification,
)
from budget.tables.register import Project, Section, Unit
from budget.tables.report_reviews import ReportIssue, ReportPoint, ReportReview, ReportSeat
from budget.tables.results import BudgetControl, ResultApplication
from budget.tables.reviews import ExpertRelation, Review, ReviewSeat
from budget.tables.samples import (
    EvaluationText,
    EvaluationTextBand,
    ExAnte,
    GoalText,
    GoalTextBand,
    Sample,
)
from budget.tables.unit_evaluations import UnitEvaluation
from budget.tables.unit_goals import UnitGoal, UnitTask
from budget.tables.years import BudgetYear, Correction

__all__ = [
    "Accountability",
    "Adjustment",
    "AgencyService",
    "AnnualReport",
    "Base",
    "BookEntry",
    "BookVersion",
    "BudgetAmount",
    "BudgetControl",
    "BudgetYear",
    "CalendarMark",
    "Campaign",
    "CampaignMember",
    "Case",
    "Correction",
    "Counter",
    "Disbursement",
    "DisbursementRequest",
    "DisbursementReview",
    "Draw",
    "Engagement",
    "EngagementObject",
    "EngagementPoint",
    "Escalation",
    "Evaluation",
    "EvaluationCheck",
    "EvaluationPoint",
    "EvaluationText",
    "EvaluationTextBand",
    "ExAnte",
    "ExAnteEvaluation",
    "ExAntePoint",
    "ExAnteSeat",
    "Exact",
    "ExecutionFigure",
    "ExpenseItem",
    "ExpertRelation",
    "FundSource",
    "Goal",
    "GoalApproval",
    "GoalLetter",
    "GoalLetterItem",
    "GoalText",
    "GoalTextBand",
    "GoalVersion",
    "Hold",
    "Indicator",
    "Key",
    "KeyChoice",
    "KeyEvaluation",
    "KeyIndicator",
    "KeyIssue",
    "KeySurvey",
    "LedgerEntry",
    "Letter",
    "LetterTemplate",
    "LibraryIndicator",
    "Meeting",
    "MeetingItem",
    "Milestone",
    "Moment",
    "MonitoringBook",
    "MonitoringCheck",
    "MonitoringIndicator",
    "MonitoringRecord",
    "Oversight",
    "OversightOpinion",
    "Policy",
    "ProfileVersion",
    "Project",
    "Publication",
    "PublicationChannel",
    "PublicationItem",
    "PublicationObjection",
    "QualityResult",
    "Rectification",
    "RectificationAction",
    "RectificationEscalation",
    "RectificationIssue",
    "RectificationVerification",
    "ReportIssue",
    "ReportPoint",
    "ReportReview",
    "ReportSeat",
    "ResultApplication",
    "Review",
    "ReviewSeat",
    "Sample",
    "Section",
    "SystemCode",
    "TreasuryNotice",
    "Unit",
    "UnitEvaluation",
    "UnitGoal",
    "UnitMonitoring",
    "UnitTask",
    "WorkingPaper",
]
