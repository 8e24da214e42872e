"""The codes of publication (P15): what is published, to whom, where, how far it is."""

from __future__ import annotations

from budget.codes import Code


class PublicationKind(Code):
    """What is published (domain §8.2); the profile's setting of the same name says to whom."""

    GOAL = ("GOAL", "项目目标", "project goals")
    UNIT_GOAL = ("UNIT_GOAL", "整体目标", "overall goals")
    MONITORING = ("MONITORING", "运行监控", "monitoring")
    SELF_EVALUATION = ("SELF_EVALUATION", "绩效自评", "self-evaluations")
    KEY_EVALUATION = ("KEY_EVALUATION", "重点评价", "key evaluations")
    EX_ANTE = ("EX_ANTE", "事前评估", "ex-ante evaluations")

    @classmethod
    def of_period(cls, period: str) -> PublicationKind | None:
        """Return the kind that a campaign's period names, in Chinese or by its code."""
        return next((one for one in cls if period in (one.zh, one.value)), None)

    @property
    def setting(self) -> str:
        """The name of the profile's setting that says to whom it is published."""
        return self.value.lower()


class Audience(Code):
    """To whom something is published, and how much of it (D09)."""

    FULL = ("FULL", "全文公开", "in full")
    SUMMARY = ("SUMMARY", "摘要公开", "in summary")
    LIMITED = ("LIMITED", "一定范围公开", "to a limited circle")
    NONE = ("NONE", "不公开", "not published")


class PublicationState(Code):
    """How far a version is."""

    DRAFT = ("DRAFT", "待单位确认", "to be confirmed")
    CONFIRMED = ("CONFIRMED", "待审核", "to be agreed to")
    NOTICE = ("NOTICE", "公示中", "on show")
    RELEASED = ("RELEASED", "待发布", "to be put online")
    PUBLISHED = ("PUBLISHED", "已公开", "published")
    CORRECTING = ("CORRECTING", "更正中，暂停公开", "being corrected, taken down")
    REPLACED = ("REPLACED", "已被更正", "corrected")
    WITHDRAWN = ("WITHDRAWN", "已撤回", "withdrawn")
    EXEMPTED = ("EXEMPTED", "不予公开", "exempt")
    DROPPED = ("DROPPED", "未办理", "dropped")


class Channel(Code):
    """Where a version is put online."""

    GOV = ("GOV", "政府网站", "the government's website")
    UNIT = ("UNIT", "单位网站", "the unit's website")
    PAGE = ("PAGE", "本系统公开页", "the public page of this system")


class WithheldReason(Code):
    """Why a unit keeps an item back (domain §8.2)."""

    SECRET = ("SECRET", "涉密或内部事项", "secret or internal")
    BUSINESS = ("BUSINESS", "涉及商业秘密", "trade secrets")
    PERSONAL = ("PERSONAL", "涉及个人隐私", "personal data")
    DISPUTED = ("DISPUTED", "尚有争议，未核实", "disputed or unverified")


class ObjectionWay(Code):
    """How an objection came."""

    LETTER = ("LETTER", "来信", "letter")
    PHONE = ("PHONE", "来电", "phone")
    VISIT = ("VISIT", "来访", "visit")
    ONLINE = ("ONLINE", "网上留言", "online")
