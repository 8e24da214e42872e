"""专家回避关系: which expert must stay out of which unit's reviews and evaluations, and why (domain §6.5)."""

from __future__ import annotations

from flask_babel import gettext

from budget.reviews import RelationKind
from budget.tables import ExpertRelation, Unit
from engine import tables
from web.registers.model import DAY, TAG, Column, Register, words_of
from web.registers.records import SECTION_NAME, record_source

_people = tables.people

REGISTER = Register(
    name="expert_relation",
    title=lambda: gettext("专家回避关系"),
    icon="users",
    about=lambda: gettext("专家"),
    source=record_source(
        ExpertRelation,
        key=ExpertRelation.id,
        state=ExpertRelation.kind,
        unit=ExpertRelation.unit,
        name=_people.c.name,
        code=ExpertRelation.person,
        joins=((_people, _people.c.id == ExpertRelation.person),),
    ),
    columns=(
        Column("section", lambda: gettext("归口"), SECTION_NAME, business=True),
        Column("with", lambda: gettext("回避单位"), Unit.name, business=True),
        Column("kind", lambda: gettext("关系"), ExpertRelation.kind, TAG, RelationKind, sorts=False),
        Column("since", lambda: gettext("起始"), ExpertRelation.since, DAY),
        Column("until", lambda: gettext("截止日"), ExpertRelation.until, DAY),
        Column("note", lambda: gettext("备注"), ExpertRelation.note, sorts=False, business=True),
    ),
    states=words_of(RelationKind),
    conditions={},
    only=None,
    readers=frozenset({"supervision_staff", "supervision_chief"}),
    units_see=False,
    of_cases=False,
    counted=lambda count: gettext("合计 %(count)s 条", count=count),
    advice=lambda: gettext("放宽上面的条件再看；没有登记回避关系时，这里是空的。"),
    beside=(("relations.page", "plus", lambda: gettext("登记回避关系")),),
)
