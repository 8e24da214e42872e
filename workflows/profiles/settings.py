"""Which settings a profile has, and what each accepts: a test of the value by the setting's dotted name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from budget.annual import WAN, YI
from budget.codes import FundBook
from budget.engagements import Criterion
from budget.ex_ante import Level
from budget.key_codes import Method, PaperType
from budget.letters import LetterKind
from budget.monitoring.progress import MILESTONES, MONTHS, OF_PLAN, OF_YEAR
from budget.publishing.codes import PublicationKind
from budget.publishing.redaction import PATTERNS
from budget.quality.thresholds import Thresholds, defaults
from budget.report_reviews import TEMPLATES, ReportType
from workflows.profiles import calendar


def _words(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 20


def _days(value: Any) -> bool:
    return type(value) is int and 0 < value <= 250


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 50


def _within(least: int, most: int) -> Callable[[Any], bool]:
    """Return a test for a decimal, written as text, between two numbers."""

    def accepts(value: Any) -> bool:
        try:
            return isinstance(value, str) and least <= Decimal(value) <= most
        except ArithmeticError:
            return False

    return accepts


#: An amount in 万元, written as text.
_amount = _within(0, 10**10)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _positive(value: Any) -> bool:
    return type(value) is int and 0 < value <= 10_000_000


def _month_and_day(value: Any) -> bool:
    try:
        date.fromisoformat(f"2027-{value}")
    except ValueError:
        return False
    return True


def _some_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list) and len(value) == len({*value}) > 0 and set(value) <= {*values}
    )


def _number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 1000


def _number_pattern(value: Any) -> bool:
    """Whether the pattern holds the running number and nothing that isn't known."""
    if not isinstance(value, str) or "{number" not in value or len(value) > 40:
        return False
    return not re.search("[{}]", re.sub(r"\{(fiscal_year|section|unit|number(:0[1-9]d)?)\}", "", value))


def _threshold(name: str) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        try:
            Thresholds.read({name: value})
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            return False
        return True

    return accepts


def _percent(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 1000


def _weights(value: Any) -> bool:
    """Whether it says from which budget year on which weight profile of D11 counts."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(one, dict)
            and one.keys() == {"from", "use"}
            and type(one["from"]) is int
            and one["use"] in WEIGHT_PROFILES
            for one in value
        )
        and [one["from"] for one in value] == sorted({one["from"] for one in value})
    )


#: The weight profiles (权重档) that the decision D11 knows (domain §3.8).
WEIGHT_PROFILES = ("CN-2020-10", "HB-2020", "HB-2021", "CN-2021-101", "SIMPLE")


def _one_of(*accepted: str) -> Callable[[Any], bool]:
    return lambda value: value in accepted


def _decimal(value: Any) -> Decimal | None:
    """Return a number that was written as text, so that 0.1 is 0.1."""
    try:
        found = Decimal(value) if isinstance(value, str) else None
    except ArithmeticError:
        return None
    return found if found is not None and found.is_finite() else None


def _share(value: Any) -> bool:
    share = _decimal(value)
    return share is not None and 0 <= share <= 10


def _factor(value: Any) -> bool:
    factor = _decimal(value)
    return factor is not None and 1 < factor <= 1_000_000


def _reports(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 100_000


def _points_of(codes: Iterable[str]) -> Callable[[Any], bool]:
    """Return a test for the points of some codes, which add up to 100."""
    wanted = set(codes)

    def accepts(value: Any) -> bool:
        if not isinstance(value, dict) or set(value) != wanted:
            return False
        points = [_decimal(one) for one in value.values()]
        return all(one is not None and one > 0 for one in points) and sum(one or 0 for one in points) == 100

    return accepts


def _level_points(value: Any) -> bool:
    """Whether it gives each level of an item its most points, 5 for the best and fewer from level to level."""
    if not isinstance(value, dict) or set(value) != {level.value for level in Level}:
        return False
    points = [_decimal(value[level.value]) for level in Level]
    given = [one for one in points if one is not None and one >= 0]
    return len(given) == len(points) and given[0] == 5 and given == sorted({*given}, reverse=True)


def _hours(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"PT([1-9]|1\d|2[0-4])H", value) is not None


def _fund_books(value: Any) -> bool:
    return isinstance(value, list) and all(one in FundBook.__members__ for one in value)


def _days_of_kinds(value: Any) -> bool:
    """Whether a value gives days of the year (MM-DD) by what is published on them."""
    return isinstance(value, dict) and all(
        kind in PublicationKind.__members__ and _month_and_day(day) for kind, day in value.items()
    )


def _numbers_of_letters(value: Any) -> bool:
    """Whether a value gives the pattern of the number (文号) of each kind of letter, with the year in which it runs."""
    return (
        isinstance(value, dict)
        and value.keys() == LetterKind.__members__.keys()
        and all(_number_pattern(pattern) and "{fiscal_year}" in pattern for pattern in value.values())
        and len(set(value.values())) == len(value)
    )


def _classes_of_retention(value: Any) -> bool:
    """Whether a value gives how long each class of archives is kept: a number of years (P10Y), or the empty string."""
    return (
        isinstance(value, dict)
        and {"SHORT", "LONG", "PERMANENT"} == value.keys()
        and all(
            one == "" or (isinstance(one, str) and re.fullmatch(r"P[1-9]\d?Y", one)) for one in value.values()
        )
    )


def _bounds(value: Any) -> bool:
    """Whether it gives from which score on a grade is given, each lower than the one above."""
    if not isinstance(value, dict) or value.keys() != {"excellent", "good", "fair"}:
        return False
    given = [_decimal(value[name]) for name in ("excellent", "good", "fair")]
    found = [one for one in given if one is not None and 0 < one <= 100]
    return len(found) == len(given) and found == sorted({*found}, reverse=True)


#: Every profile gives every one of them.
SETTINGS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("wording.county", "wording.section", "wording.bureau"), _words),
    "campaign.goal_deadline": _month_and_day,
    **dict.fromkeys(
        (
            f"days.{name}"
            for name in (
                *("sign", "review", "decision", "correction", "confirm"),
                *("remind_first", "remind_last", "remind_correction", "late_chief", "late_leader"),
            )
        ),
        _days,
    ),
    "goal.number": _number_pattern,
    **{f"quality.{name}": _threshold(name) for name in defaults()},
    # of P18 the yearly campaigns and escalation
    "calendar.plan": calendar.is_plan,
    **dict.fromkeys(
        (f"calendar.{name}_days" for name in ("plan", "issue", "sum_up", "bulletin", "lead")), _days
    ),
    **dict.fromkeys((f"escalation.{name}" for name in calendar.STEPS), calendar.are_days_by_kind),
    **dict.fromkeys((f"reminders.{name}" for name in ("steps", "drafts", "opinions", "payments")), _count),
    # of P03, P02, P05 joint review, overall goals, approval
    **dict.fromkeys(("review.joint_above", "review.top_above", "review.section_below"), _amount),
    **dict.fromkeys(("review.max_returns", "review.experts", "review.drop_from"), _count),
    **dict.fromkeys(("review.days", "review.days_group", "review.days_leader"), _days),
    "unit_goal.scope": lambda value: value in ("LEVEL1", "ALL", "PILOT"),
    "unit_goal.pilots": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "unit_goal.coaching": lambda value: isinstance(value, bool),
    "review.spread": _within(0, 100),
    **dict.fromkeys(
        ("quality_score.late", "quality_score.returned", "quality_score.warned"), _within(0, 100)
    ),
    "review.floor": _within(0, 1),
    "goal_approval.number": _number_pattern,
    **dict.fromkeys(
        (f"goal_approval.{name}_days" for name in ("draft", "check", "sign", "receipt", "issue")), _days
    ),
    # of P06 monitoring
    "monitoring.scope": _one_of("APPROVED", "ALL"),
    "monitoring.funds": _fund_books,
    "monitoring.carryover": lambda value: isinstance(value, bool),
    "monitoring.plan": _one_of(MILESTONES, MONTHS),
    "monitoring.deviation_basis": _one_of(OF_PLAN, OF_YEAR),
    "monitoring.count_excess": lambda value: isinstance(value, bool),
    **dict.fromkeys((f"monitoring.{name}" for name in ("notice", "limit", "major")), _share),
    "monitoring.slip_factor": _factor,
    "monitoring.third_party": lambda value: isinstance(value, bool),
    "monitoring.third_party_from": _amount,
    "monitoring.third_party_years": _number,
    **dict.fromkeys(
        (
            f"monitoring.{name}"
            for name in ("remind_first", "close", "gather", "decision", "consider", "third_party_days")
        ),
        _days,
    ),
    "monitoring.remind_last": _hours,
    # of P07, P09 rectification and disbursement
    "rectification.number": _number_pattern,
    **dict.fromkeys(
        (
            f"rectification.{name}_days"
            for name in ("draft", "issue", "sign", "due", "plan", "verify", "close", "extension")
        ),
        _days,
    ),
    **dict.fromkeys(
        (
            f"rectification.{name}"
            for name in ("remind_first", "remind_last", "hold_after", "stop_after", "cut_after", "extensions")
        ),
        _days,
    ),
    **dict.fromkeys(
        (
            f"disbursement.{name}"
            for name in (
                *("step_days", "hold_days", "progress_gap", "sample_every", "december_share"),
                *("month_multiple", "invest_from", "budget_from", "leader_from", "bureau_from"),
            )
        ),
        _positive,
    ),
    "disbursement.hold_unreported": _flag,
    "treasury.receipt_days": _days,
    "treasury.execute_days": _days,
    # of P10, P08 self-evaluation and adjustment
    "scoring.weights": _weights,
    "scoring.weights_simple": lambda value: value in WEIGHT_PROFILES,
    **dict.fromkeys((f"scoring.{name}" for name in ("over_limit", "over_factor", "late_share")), _percent),
    **dict.fromkeys(("selfeval.opens", "selfeval.due"), _month_and_day),
    "selfeval.years_after": lambda value: value in (0, 1),
    "selfeval.levels": lambda value: value in ([1], [1, 2]),
    **dict.fromkeys(
        (f"evaluation.{name}" for name in ("formal_from", "formal_rate", "alike_from", "survey_share")),
        _percent,
    ),
    "evaluation.survey_sample": _days,
    "sampling.share": lambda value: type(value) is int and 0 <= value <= 100,
    "sampling.amount": lambda value: type(value) is int and value > 0,
    "sampling.history": _days,
    **dict.fromkeys(
        (f"adjustment.{name}" for name in ("deputy_from", "leader_from", "disposal_from", "npc_from")),
        lambda value: type(value) is int and value > 0,
    ),
    "grades.bounds": _bounds,
    # of P11 review of reports, P04 ex-ante evaluation, P13 third parties
    **dict.fromkeys(
        (f"report_review.{name}" for name in ("unit_reports", "project_reports", "min_words")), _reports
    ),
    "report_review.reviewers": lambda value: type(value) is int and 1 <= value <= 5,
    "report_review.rewrites": _count,
    "report_review.spread": _within(0, 100),
    **dict.fromkeys(("report_review.floor", "report_review.reason_below"), _within(0, 1)),
    "report_review.weights_unit": _points_of(TEMPLATES[ReportType.DEPT_OVERALL]),
    "report_review.weights_project": _points_of(TEMPLATES[ReportType.PROJECT]),
    **dict.fromkeys(
        (f"report_review.{name}_days" for name in ("group", "score", "feedback", "receipt", "rewrite")),
        _days,
    ),
    **dict.fromkeys(("exante.pass_from", "exante.rereview_margin"), _within(0, 100)),
    "exante.partial_from": lambda value: value == "" or _within(0, 100)(value),
    **dict.fromkeys(("exante.invest_from", "exante.rereview_from"), _amount),
    "exante.experts": lambda value: type(value) is int and 1 <= value <= 15,
    "exante.resubmits": _count,
    "exante.min_words": _reports,
    "exante.level_points": _level_points,
    "exante.number": _number_pattern,
    **dict.fromkeys(
        (
            f"exante.{name}_days"
            for name in ("fill", "accept", "score", "invest", "check", "decision", "resubmit")
        ),
        _days,
    ),
    **dict.fromkeys(
        (
            f"engagement.{name}_days"
            for name in ("draft", "decision", "procure", "notice", "contract", "assess", "settle")
        ),
        _days,
    ),
    "engagement.weights": _points_of(Criterion),
    **dict.fromkeys(
        (f"engagement.{name}" for name in ("late_per_day", "good_from", "fair_from", "poor_below")),
        _within(0, 100),
    ),
    "engagement.reason_below": _within(0, 1),
    "engagement.restricted_months": _count,
    # of P12, P14 key evaluation and application of results
    "key_evaluation.actor": _one_of("THIRD_PARTY", "MIXED"),
    "key_evaluation.books": _some_of(*FundBook),
    "key_evaluation.paper_types": _some_of(*PaperType),
    "key_evaluation.methods": _some_of(*Method),
    **dict.fromkeys(
        (
            f"key_evaluation.{name}"
            for name in (
                *("count", "level1", "level2_min", "level3_min", "sample_min"),
                *("contract_days", "conflict_years"),
            )
        ),
        _number,
    ),
    **dict.fromkeys(
        (
            f"key_evaluation.{name}_days"
            for name in ("receipt", "plan", "review", "expert", "opinion", "decision")
        ),
        _days,
    ),
    "key_evaluation.bureau_amount": _amount,
    "key_evaluation.candidate_amount": _amount,
    "key_evaluation.output_benefit_min": _within(0, 100),
    "key_evaluation.sample_share": _within(0, 100),
    "key_evaluation.loose_over": _within(0, 100),
    "result.rules": _one_of("NATIONAL", "STRICT", "RECTIFY"),
    "result.fair": _one_of("", "SUPPORT", "RECTIFY", "CUT", "CANCEL"),
    "result.ineffective": _one_of("CUT", "RECLAIM", "CANCEL"),
    "result.cut_share": _within(0, 100),
    **dict.fromkeys(
        (f"result.{name}_days" for name in ("opinion", "review", "decision", "appeal")),
        _days,
    ),
    # of P17 statistics and publication
    "statistics.denominator": _one_of("all", "open", "settled"),
    "statistics.amount_unit": _one_of(WAN, YI),
    "statistics.write_days": _days,
    "statistics.sign_days": _days,
    # of P16, P19, P20 accountability, oversight, the indicator library
    "accountability.number": _number_pattern,
    **dict.fromkeys((f"accountability.{name}_from" for name in ("talk", "bulletin", "leader")), _number),
    **dict.fromkeys(
        (f"accountability.points_{name}" for name in ("each", "refused", "failed")), _within(0, 100)
    ),
    **dict.fromkeys(
        (
            *("accountability.bulletin_days", "accountability.draft_days", "accountability.hearing_days"),
            *("accountability.sign_days", "accountability.talk_days", "accountability.receipt_days"),
            *(f"oversight.{name}_days" for name in ("arrange", "prepare", "record", "answer")),
            *(f"library.{name}_days" for name in ("collect", "expert", "final")),
        ),
        _days,
    ),
    "library.experts": _flag,
    # of P15 publication
    **dict.fromkeys(
        (f"publication.{kind.setting}" for kind in PublicationKind),
        _one_of("FULL", "SUMMARY", "LIMITED", "NONE"),
    ),
    "publication.channels": lambda value: value == [] or _some_of("GOV", "UNIT")(value),
    "publication.redact": lambda value: value == [] or _some_of(*PATTERNS)(value),
    "publication.release": _days_of_kinds,
    "publication.page": _flag,
    "publication.objections_online": _flag,
    "publication.objection_contact": lambda value: value in ("NONE", "OPTIONAL", "REQUIRED"),
    "publication.notice_days": lambda value: type(value) is int and 0 <= value <= 60,
    **dict.fromkeys(
        (f"publication.{name}_days" for name in ("confirm", "review", "objection", "post")), _days
    ),
    **dict.fromkeys((f"assessment.{name}" for name in ("quality", "punctual", "evaluated")), _within(0, 100)),
    # of letters
    "letters.numbers": _numbers_of_letters,
    "letters.seal": lambda value: isinstance(value, str) and 0 < len(value) <= 60,
    **dict.fromkeys((f"letters.{name}_days" for name in ("draft", "sign", "seal", "receipt")), _days),
    # of archives
    "archive.two_people": _flag,
    "archive.classes": _classes_of_retention,
    "archive.of": lambda value: isinstance(value, dict) and "OTHER" in value,
    # of process design
    "design.four_eyes": _flag,
}
