"""Plays the weeks before the demo opens: each goal goes as far as its stage says, by the right people, at office hours.

Every step is a real command of the engine with a stepped clock, so that history, deadlines, reminders and numbers are
what they would be in a county that had used the system for three weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.calendar import ZONE, SteppedClock, WorkingDays
from engine.engine import NewPin, Reply
from engine.errors import InvalidAnswers
from engine.tables import work_items
from workflows.demo import declarations
from workflows.demo.jointly import leader_signs, review_jointly
from workflows.demo.register import Person

if TYPE_CHECKING:
    from engine.engine import Engine, TaskView

#: The campaign began so many working days ago.
OPENED = 18
#: Points that a review gives when the goal is to be proposed as 优, 良, 中 or 差: share of each maximum.
_SHARES: Mapping[str, float] = {"优": 0.95, "良": 0.85, "中": 0.7, "差": 0.45}
_MAXIMA: Mapping[str, int] = {
    "completeness_norm": 10,
    "completeness_clear": 10,
    "relevance_goal": 10,
    "relevance_indicator": 10,
    "appropriate_perf": 15,
    "appropriate_fund": 15,
    "feasible_possible": 15,
    "feasible_condition": 15,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A project's instance and who works on it; ``stage`` says how far it has come."""

    instance: int
    unit: str
    section: str
    specific: bool
    stage: str


class Story:
    """The people of the county doing their work, one command after another."""

    def __init__(
        self,
        engine: Engine,
        clock: SteppedClock,
        people: Sequence[Person],
        random: Random,
        points: Mapping[str, Decimal],
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.random = random
        #: The points of each level, as the county's profile says.
        self.points = points
        # Of two who hold the same post, the first one works.
        self._by_post = {(person.role, person.org): person for person in reversed(people)}
        self._actors: dict[str, Any] = {}

    # who

    def actor(self, role: str, org: str) -> Any:
        """Return the actor who holds the post."""
        person = self._by_post[role, org]
        if person.id not in self._actors:
            self._actors[person.id] = self.engine.actor(person.id)
        return self._actors[person.id]

    def clerk(self, case: Case) -> Any:
        """Return the unit's clerk."""
        return self.actor("unit_clerk", case.unit)

    def chief(self, case: Case) -> Any:
        """Return the chief of the section in charge."""
        return self.actor("section_chief", case.section)

    # what

    def task(self, case: Case, actor: Any) -> TaskView:
        """Return the task that is open for the case."""
        items = work_items.c
        opened = select(items.id).where(items.instance_id == case.instance, items.state == "open")
        with self.engine.database.read() as unit:
            item = unit.execute(opened).scalar_one()
        return self.engine.task(item, actor)

    def complete(
        self, case: Case, actor: Any, outcome: str, answers: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """Complete the open task as the page does: with the form's defaults and computed values, and a reason for each
        warning.
        """
        try:
            self._complete(case, actor, outcome, answers, **more)
        except InvalidAnswers as error:
            reasoned = declarations.explained(answers or {}, error.findings)
            if reasoned is None:
                raise
            self._complete(case, actor, outcome, reasoned, **more)

    def _complete(
        self, case: Case, actor: Any, outcome: str, answers: Mapping[str, Any] | None, **more: Any
    ) -> None:
        task = self.task(case, actor)
        self.engine.complete(
            task.item_id,
            actor=actor,
            version=task.version,
            outcome=outcome,
            answers=answers,
            document_version=task.document_version,
            **more,
        )

    def filled(self, case: Case, task: TaskView) -> dict[str, Any]:
        """Return the form as the clerk fills it: half with points, some with a warning that is explained."""
        head = self._by_post["unit_head", case.unit].name
        weights = self.points if case.specific and self.random.random() < 0.5 else None
        form = declarations.sound(task.answers, self.random, head=head, weights=weights)
        unusual = case.specific and weights is None and self.random.random() < 0.3
        return declarations.warned(form) if unusual else form

    def fill(self, case: Case) -> None:
        """The clerk submits a sound form."""
        actor = self.clerk(case)
        self.complete(case, actor, "提交", answers=self.filled(case, self.task(case, actor)))

    def fill_weak(self, case: Case) -> None:
        """The clerk submits a form that will come back."""
        actor = self.clerk(case)
        form = declarations.weak(self.filled(case, self.task(case, actor)))
        self.complete(case, actor, "提交", answers=form)

    def draft(self, case: Case) -> None:
        """The clerk has begun, and went home."""
        actor = self.clerk(case)
        task = self.task(case, actor)
        form = self.filled(case, task)
        for field in ("milestones", "basis_feasibility", "safeguards"):
            form.pop(field)
        form["indicators"] = form["indicators"][:3]
        self.engine.save_draft(task.item_id, actor=actor, answers=form, based_on=task.document_version)

    def offline(self, case: Case) -> None:
        """The secret unit has handled its project offline."""
        self.complete(case, self.clerk(case), "涉密线下办理")

    def sign(self, case: Case) -> None:
        """The head of the unit signs."""
        actor = self.actor("unit_head", case.unit)
        answers = {"truthful": True, "signer": actor.name, "sign_note": ""}
        self.complete(case, actor, "同意", answers=answers, opinion="同意申报。")

    def send_back(self, case: Case) -> None:
        """The section returns the form with opinions at a row and at a field."""
        actor = self.chief(case)
        task = self.task(case, actor)
        self.complete(
            case,
            actor,
            "退回补正",
            opinion="指标值偏低，必要性论证不充分，请按逐条意见补正。",
            pins=self.pins(task),
        )

    def pins(self, task: TaskView) -> list[NewPin]:
        """Return the opinions that a weak form deserves."""
        goal = next(shown for shown in task.shows if shown.name == "goal").body
        row = next(
            (row for row in goal["indicators"] if row["level1"] == "SATISFACTION"), goal["indicators"][-1]
        )
        return [
            NewPin(
                "goal",
                "indicators.target_value",
                row["_row"],
                "目标值偏低，上年同类项目不低于85%，请核实后提高。",
            ),
            NewPin("goal", "basis_necessity", None, "只有一句话，请结合现状和需求说明为什么要做。"),
        ]

    def correct(self, case: Case) -> None:
        """The clerk changes what was asked for, and answers each opinion."""
        actor = self.clerk(case)
        task = self.task(case, actor)
        texts = ("已按全县平均水平提高到90%。", "已补充现状和需求说明。")
        replies = {pin.id: Reply("changed", text) for pin, text in zip(task.pins, texts, strict=False)}
        self.complete(case, actor, "提交", answers=declarations.improved(task.answers), replies=replies)

    def scores(self, grade: str) -> dict[str, Any]:
        """Return a filled review that leads to a grade."""
        points = {field: int(most * _SHARES[grade] + 0.5) for field, most in _MAXIMA.items()}
        opinions = {
            "优": "目标明确，指标完整，资金与任务匹配，同意报批。",
            "良": "总体较好，个别指标值需要完善。",
            "中": "指标与目标对应不够，建议修改后重新送审。",
            "差": "立项依据不足，目标与资金不匹配，建议不予安排。",
        }
        return points | {
            "opinion": opinions[grade],
            "sample_candidate": grade == "优" and self.random.random() < 0.2,
        }

    def review(self, grade: str) -> Callable[[Case], None]:
        """Return the section's review that leads to a grade."""

        def act(case: Case) -> None:
            form = self.scores(grade)
            self.complete(case, self.chief(case), "同意", answers=form, opinion=form["opinion"])
            review_jointly(self, case, grade)

        return act

    def assign(self, case: Case) -> None:
        """The chief gives the review to a member of staff."""
        actor = self.chief(case)
        task = self.task(case, actor)
        staff = self._by_post["section_staff", case.section]
        self.engine.assign_out(task.item_id, actor=actor, to=staff.id, version=task.version)

    def hand_in(self, case: Case) -> None:
        """The member of staff drafts scores and opinion, and hands in."""
        actor = self.actor("section_staff", case.section)
        task = self.task(case, actor)
        self.engine.save_draft(
            task.item_id, actor=actor, answers=self.scores("良"), based_on=task.document_version
        )
        task = self.task(case, actor)
        self.engine.hand_in(
            task.item_id, actor=actor, version=task.version, opinion="已初审，建议同意，请审定。"
        )

    def decide(self, outcome: str) -> Callable[[Case], None]:
        """Return the budget section's decision."""

        def act(case: Case) -> None:
            actor = self.actor("budget_chief", "BUDGET")
            task = self.task(case, actor)
            pins = self.pins(task) if outcome[0] in "良中" else ()
            opinions = {
                "优": "同意批复。",
                "良": "请完善指出的内容。",
                "中": "请修改后重新送审。",
                "差": "不予安排。",
            }
            self.complete(case, actor, outcome, answers={}, opinion=opinions[outcome[0]], pins=pins)
            leader_signs(self, case)

        return act

    def steps(self, stage: str) -> tuple[Callable[[Case], None], ...]:
        """Return what has happened to a goal of a stage."""
        sent_back = (self.fill_weak, self.sign, self.send_back)
        return {
            "fill": (),
            "late": (),
            "today": (),
            "secret": (),
            "draft": (self.draft,),
            "sign": (self.fill,),
            "review": (self.fill, self.sign),
            "assigned": (self.fill, self.sign, self.assign),
            "drafted": (self.fill, self.sign, self.assign, self.hand_in),
            "returned": sent_back,
            "second": (*sent_back, self.correct, self.sign),
            "decide": (self.fill, self.sign, self.review(self.random.choice(("优", "优", "良", "中")))),
            "refine": (self.fill_weak, self.sign, self.review("良"), self.decide("良：协商完善")),
            "confirm": (
                self.fill_weak,
                self.sign,
                self.review("良"),
                self.decide("良：协商完善"),
                self.correct,
            ),
            "again": (self.fill_weak, self.sign, self.review("中"), self.decide("中：重新送审")),
            "approved": (self.fill, self.sign, self.review("优"), self.decide("优：批复")),
            "rejected": (self.fill_weak, self.sign, self.review("差"), self.decide("差：不予通过")),
            "offline": (self.offline,),
        }[stage]

    # when

    def play(
        self, cases: Sequence[Case], now: datetime, mornings: Callable[[date], None] = lambda _: None
    ) -> Iterator[str]:
        """Play all cases in the order of time, up to ``now``; yield what was done. Timers go off as days pass.

        ``mornings`` is called on each day before the first step of the day.
        """
        days = WorkingDays()
        today = now.astimezone(ZONE).date()
        moments: list[tuple[datetime, int, Case, Callable[[Case], None]]] = []
        for case in cases:
            for ago, act in _spread(self.steps(case.stage), self.random):
                day = days.add(today, -ago)
                moments.append((self._office_hour(day), len(moments), case, act))
        reached: date | None = None
        for moment, _, case, act in sorted(moments, key=lambda one: one[:2]):
            if reached != moment.date():
                self.clock.set(datetime.combine(moment.date(), time(0), UTC))
                self._timers()
                mornings(moment.date())
                reached = moment.date()
            self.clock.set(moment)
            act(case)
            yield case.stage
        self.clock.set(now)
        self._timers()

    def _office_hour(self, day: date) -> datetime:
        minutes = self.random.randint(0, 7 * 60)
        return datetime.combine(day, time(9, 30), ZONE) + timedelta(minutes=minutes)

    def _timers(self) -> None:
        while self.engine.run_due():
            pass


def _spread(
    steps: Sequence[Callable[[Case], None]], random: Random
) -> Iterator[tuple[int, Callable[[Case], None]]]:
    """Give each step its day: the last one to seven working days ago, each before it one to three days earlier."""
    last = random.randint(1, 4 if len(steps) > 3 else 7)
    gaps = [random.randint(1, 3 if len(steps) < 5 else 2) for _ in steps[1:]]
    for position, act in enumerate(steps):
        yield last + sum(gaps[position:]), act
