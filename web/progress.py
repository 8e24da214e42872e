"""How far the units are with what a campaign asks of them, and the bulletin of it that is pasted into a group's chat.

What leaves the system says nothing of secret units and projects, not even that there are any (domain §6.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from budget.campaigns import WITH_UNIT
from budget.cases import CaseState
from budget.tables import Case, Project, Unit
from engine import tables
from web import context
from web.formatting import local
from web.registers import scope
from web.registers.cases import case_source
from workflows import profiles

#: Cases that nobody waits for.
_NOT_ASKED = (CaseState.WITHDRAWN, CaseState.OFFLINE)
#: How many missing projects of a unit are named.
MAX_NAMES = 3
_DIGITS = "零一二三四五六七八九十"


@dataclass(slots=True)
class UnitProgress:
    """What a unit has to hand in, and what of it is missing; ``due_at`` is the earliest deadline of what is missing."""

    unit: str
    section: str
    total: int = 0
    missing: list[str] = field(default_factory=list)
    returned: int = 0
    due_at: datetime | None = None

    @property
    def done(self) -> int:
        """How many projects are handed in."""
        return self.total - len(self.missing)

    def late(self, now: datetime) -> bool:
        """Whether the deadline of what is missing has passed."""
        return self.due_at is not None and self.due_at < now


def read(
    session: Session, posts: Sequence[Any], only: ColumnElement[bool], unit: str = "", section: str = ""
) -> list[UnitProgress]:
    """Return the progress of each unit that the posts may see, but secret ones, by the units' codes.

    ``only`` says which cases are meant: those of a campaign, or of a kind and a year.
    """
    items, source = tables.work_items.c, case_source()
    due = (
        select(func.min(items.due_at))
        .where(items.instance_id == Case.instance_id, items.state == "open", Case.state.in_(WITH_UNIT))
        .correlate(Case)
        .scalar_subquery()
    )
    query = (
        source.joined(select(Unit.code, Unit.name, source.section_name, Project.name, Case.state, due))
        .where(only, ~source.secret, Case.state.not_in(_NOT_ASKED), Unit.code.is_not(None))
        .order_by(Unit.code, Project.code)
    )
    for condition in (
        scope.within(source, posts),
        source.unit == unit if unit else None,
        source.section == section if section else None,
    ):
        if condition is not None:
            query = query.where(condition)
    found: dict[str, UnitProgress] = {}
    for code, name, in_charge, project, state, due_at in session.execute(query):
        one = found.setdefault(code, UnitProgress(name, in_charge))
        one.total += 1
        if state in WITH_UNIT:
            one.missing.append(project or "")
            one.returned += state == CaseState.RETURNED
            if due_at is not None:
                one.due_at = min(one.due_at, due_at) if one.due_at else due_at
    return list(found.values())


def office() -> str:
    """Return in whose name a bulletin is: the sender of messages, else the county's finance bureau."""
    engine = context.engine()
    bureau = profiles.of(engine).value("wording.bureau")
    return engine.telling_settings().sender or f"{context.county_name()}{bureau}"


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A bulletin of the units' progress, as an office writes it; always Chinese, whatever the page's language is."""

    office: str
    what: str
    units: Sequence[UnitProgress]
    now: datetime
    names: bool = True
    #: What is counted: projects, or reports of the units themselves.
    noun: str = "个项目"

    @property
    def title(self) -> str:
        """The headline."""
        return f"关于{self.what}进度的通报"

    @property
    def behind(self) -> list[UnitProgress]:
        """The units that something is missing of: the late ones first, then by deadline."""
        waiting = [one for one in self.units if one.missing]
        return sorted(
            waiting, key=lambda one: (one.due_at is None, one.due_at or self.now, -len(one.missing))
        )

    @property
    def lead(self) -> str:
        """The sentence that sums up."""
        total = sum(one.total for one in self.units)
        done = sum(one.done for one in self.units)
        at = local(self.now)
        share = f"{done * 100 / total:.1f}%" if total else "—"
        return (
            f"截至{at.month}月{at.day}日{at.hour}时，应报{len(self.units)}个单位、{total}{self.noun}，"
            f"已报{done}{self.noun}，完成{share}。"
        )

    @property
    def closing(self) -> str:
        """What is asked of those who are behind."""
        late = any(one.late(self.now) for one in self.behind)
        if not self.behind:
            return "各单位均已报齐，感谢支持。"
        asked = "请未报齐的单位抓紧办理，在时限前登录系统提交"
        return f"{asked}；已超期的请今日内完成。" if late else f"{asked}。"

    def missing(self, one: UnitProgress) -> str:
        """Return what is missing of a unit, in words."""
        said = f"缺{len(one.missing)}个"
        if one.returned:
            said += f"（其中退回待补正{one.returned}个）"
        named = "、".join(filter(None, one.missing[:MAX_NAMES]))
        if self.names and named:
            said += f"：{named}{'等' if len(one.missing) > MAX_NAMES else ''}"
        return said

    def deadline(self, one: UnitProgress) -> str:
        """Return until when it is to be handed in, and that it is late."""
        if one.due_at is None:
            return ""
        day = local(one.due_at)
        return f"{day.month}月{day.day}日{'，已超期' if one.late(self.now) else ''}"

    def text(self) -> str:
        """Return the whole as text for a chat."""
        lines = [f"【{self.office}】{self.title}", self.lead]
        ready = [one.unit for one in self.units if not one.missing]
        number = 0
        if ready:
            number += 1
            lines.append(f"{_DIGITS[number]}、已报齐（{len(ready)}个单位）：{'、'.join(ready)}。")
        if self.behind:
            number += 1
            lines.append(f"{_DIGITS[number]}、未报齐（{len(self.behind)}个单位）：")
            for place, one in enumerate(self.behind, 1):
                due = self.deadline(one)
                lines.append(f"{place}. {one.unit}：{self.missing(one)}{f'，时限{due}' if due else ''}")
        lines.append(self.closing)
        return "\n".join(lines)

    def picture(self) -> Mapping[str, Any]:
        """Return what the picture shows, for the script that draws it."""
        return {
            "title": self.title,
            "lead": self.lead,
            "head": ["单位", "应报", "已报", "未报", "时限"],
            "rows": [
                {
                    "cells": [one.unit, one.total, one.done, len(one.missing), self.deadline(one)],
                    "tone": "late" if one.late(self.now) else "behind" if one.missing else "done",
                }
                for one in (*self.behind, *(one for one in self.units if not one.missing))
            ],
            "foot": [self.closing, self.office],
        }
