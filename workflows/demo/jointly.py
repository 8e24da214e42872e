"""Plays what large projects need besides: the joint review with its experts, and the signature of the bureau's leader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.tables import work_items
from engine.values import load_plain
from workflows.simulation.acting.joint_review import opinion_of

if TYPE_CHECKING:
    from workflows.demo.story import Case, Story

#: How many experts are chosen, and what the reviewers give, one after another, around the grade's points.
EXPERTS = 3
_POINTS = {"优": 95, "良": 85, "中": 72, "差": 50}
_APART = (0, 2, -2, 1, -1)


def review_jointly(story: Story, case: Case, grade: str) -> None:
    """Play the case's joint review, where it has one, to the grade."""
    for id, element, _ in list(_open(story, case)):
        if element == "form_group":
            task = story.engine.task(id, story.actor("perf_chief", "PERF"))
            offered = [one["value"] for one in task.variables["expert_choices"]]
            chosen = story.random.sample(offered, EXPERTS)
            _do(story, id, "role:perf_chief@PERF", "提交", {"experts": chosen})
            for seat, (item, _, who) in enumerate(list(_open(story, case))):
                points = _POINTS[grade] + _APART[seat % len(_APART)]
                _do(story, item, who[0], "提交", opinion_of(points))
            ((item, _, who),) = _open(story, case)
            _do(
                story,
                item,
                who[0],
                grade,
                {"conclusion": "综合各方意见，按汇总得分作出结论。"},
                "按汇总得分定级。",
            )


def leader_signs(story: Story, case: Case) -> None:
    """Let the leader sign an approved goal, where its amount asks for it."""
    for id, element, candidates in list(_open(story, case)):
        if element == "leader_sign":
            _do(story, id, candidates[0], "同意", {}, "同意。")


def _open(story: Story, case: Case) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the case's open work items with those who may do them."""
    items = work_items.c
    query = select(items.id, items.element, items.candidates)
    query = query.where(items.instance_id == case.instance, items.state == "open").order_by(items.id)
    with story.engine.database.read() as unit:
        rows = unit.execute(query).all()
    for row in rows:
        yield row.id, row.element, load_plain(row.candidates)


def _do(story: Story, item: int, who: str, outcome: str, answers: dict[str, Any], opinion: str = "") -> None:
    kind, _, rest = who.partition(":")
    actor = story.engine.actor(rest) if kind == "user" else story.actor(*rest.split("@"))
    task = story.engine.task(item, actor)
    story.engine.complete(
        item,
        actor=actor,
        version=task.version,
        outcome=outcome,
        answers=answers,
        document_version=task.document_version,
        opinion=opinion,
    )
