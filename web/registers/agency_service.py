"""机构服务记录: what third parties did for which project; who advised on one may not evaluate it (domain §3.4, §6.5)."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import true

from budget.key_codes import ServiceKind
from budget.tables import AgencyService, Project
from engine import tables
from web.registers import scope
from web.registers.model import DAY, TAG, Column, Register, words_of
from web.registers.records import SECTION_NAME, record_source

_agencies = tables.organisations

REGISTER = Register(
    name="agency_service",
    title=lambda: gettext("第三方机构服务"),
    icon="award",
    source=record_source(
        AgencyService,
        key=AgencyService.id,
        state=AgencyService.kind,
        project=AgencyService.project_id,
        year=Project.fiscal_year,
        joins=((_agencies, _agencies.c.code == AgencyService.agency),),
    ),
    columns=(
        Column("section", lambda: gettext("归口"), SECTION_NAME, business=True),
        Column("agency", lambda: gettext("机构"), _agencies.c.name, business=True),
        Column("kind", lambda: gettext("服务内容"), AgencyService.kind, TAG, ServiceKind, sorts=False),
        Column("served", lambda: gettext("服务日期"), AgencyService.served_on, DAY),
        Column("note", lambda: gettext("备注"), AgencyService.note, sorts=False, business=True),
    ),
    states=words_of(ServiceKind),
    conditions={},
    only=None,
    readers=frozenset({"supervision_staff", "supervision_chief"}),
    reads={scope.PROCUREMENT: true()},
    units_see=False,
    of_cases=False,
    counted=lambda count: gettext("合计 %(count)s 次", count=count),
    advice=lambda: gettext("放宽上面的条件再看；没有第三方机构服务过时，这里是空的。"),
    beside=(("agencies.page", "plus", lambda: gettext("登记机构服务")),),
)
