"""信息公开: what units publish, to whom, since when it is out and where."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.publishing.codes import Audience, PublicationKind, PublicationState
from budget.tables import Case, Publication
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import DAY, NUMBER, TAG, Column, words_of

_TONES = {
    "PUBLISHED": "ok",
    "NOTICE": "brand-tag",
    "RELEASED": "brand-tag",
    "CORRECTING": "warn",
    "WITHDRAWN": "warn",
}

REGISTER = case_register(
    CaseKind.PUBLICATION,
    joins=((Publication, Publication.instance_id == Case.instance_id),),
    extra=(
        Column("kind", lambda: gettext("公开内容"), Publication.kind, words=PublicationKind),
        Column("version", lambda: gettext("版本"), Publication.version, NUMBER),
        Column("audience", lambda: gettext("公开范围"), Publication.audience, words=Audience),
        Column(
            "stage", lambda: gettext("公开状态"), Publication.state, TAG, words=PublicationState, tones=_TONES
        ),
        Column("published", lambda: gettext("公开日期"), Publication.published_on, DAY),
    ),
    results=words_of(PublicationState),
    reads={scope.CONGRESS: Publication.published_at.is_not(None)},
)
