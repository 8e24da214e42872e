"""What is told about an instance wherever it is shown: who holds it, what happened, which points are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from engine import Doer, InstanceView
from web import wording
from web.formatting import Badge, due_badge, moment, short_moment, span


@dataclass(frozen=True, slots=True)
class HolderView:
    """Who has an open step, since when, and how long such a step usually takes."""

    who: str
    step: str
    badge: Badge | None
    since: str
    usual: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the 办理记录; ``tone`` is now, back, system or empty."""

    tone: str
    iso: str
    at: str
    step: str
    who: str
    what: str
    note: str = ""
    opinion: str = ""


def state_of(state: str) -> tuple[str, str]:
    """Return an instance's state in words, and the tone of its tag."""
    known = {
        "waiting": (gettext("办理中"), "brand-tag"),
        "incident": (gettext("出错，待处理"), "bad"),
        "ended": (gettext("已办结"), "ok"),
        "suspended": (gettext("已挂起"), "warn"),
        # By an operator, or by an end of its own that ends everything else of it: lists don't know which.
        "terminated": (gettext("已结束"), ""),
    }
    return known.get(state, (state, ""))


def state_of_case(view: InstanceView) -> tuple[str, str]:
    """Return a case's state in words: one that an operator terminated is told from one that came to its own end."""
    if view.state != "terminated":
        return state_of(view.state)
    by_operator = any(event.kind == "instance.terminated" for event in view.timeline)
    return (gettext("已终止"), "") if by_operator else state_of("ended")


def called(name: str) -> str:
    """Return a person's name; the engine itself, which acts on timers and campaigns, is called the system."""
    return gettext("系统") if name == "system" else name


def holders(found: Sequence[Any], now: datetime) -> list[HolderView]:
    """Return the holders for the page."""
    return [
        HolderView(
            who="、".join(holder.names) or gettext("无人可办，请联系管理员"),
            step=wording.said(holder.step),
            badge=due_badge(holder.due_at, now),
            since=gettext("%(time)s 起", time=short_moment(holder.since, now)),
            usual=gettext("这一步通常 %(span)s", span=span(holder.usual_seconds))
            if holder.usual_seconds
            else "",
        )
        for holder in found
    ]


def whereabouts(view: InstanceView, now: datetime) -> list[HolderView]:
    """Return in whose hands an instance is: the people's, or what it waits for where it is in nobody's."""
    found = holders(view.holders, now)
    words = {
        "message": lambda name: gettext("等待消息“%(name)s”", name=name),
        "signal": lambda name: gettext("等待信号“%(name)s”", name=name),
        "condition": lambda _name: gettext("等待条件成立"),
    }
    for one in view.subscriptions:
        if not one.beside:
            since = gettext("%(time)s 起", time=short_moment(one.since, now))
            found.append(HolderView(words[one.kind](one.name), one.step, None, since, ""))
    if not found and view.ended_at is None:
        found.append(HolderView(gettext("系统"), gettext("等待定时或后台处理"), None, "", ""))
    return found


@dataclass(frozen=True, slots=True)
class _Said:
    """How a kind of event is told: the words, and whether the system rather than a person did it."""

    what: str
    system: bool = False


def _words() -> Mapping[str, _Said]:
    return {
        "instance.started": _Said(gettext("发起")),
        "item.claimed": _Said(gettext("认领")),
        "item.unclaimed": _Said(gettext("放回")),
        "item.assigned_out": _Said(gettext("分办")),
        "item.handed_in": _Said(gettext("提交初审意见")),
        "item.cancelled": _Said(gettext("取消"), system=True),
        "item.returned": _Said(gettext("予以退回")),
        "item.withdrawn": _Said(gettext("已撤回")),
        "signature.withdrawn": _Said(gettext("撤回签署")),
        "withdrawal.asked": _Said(gettext("已申请撤回")),
        "withdrawal.declined": _Said(gettext("不同意撤回")),
        "item.transferred": _Said(gettext("已转办")),
        "item.delegated": _Said(gettext("已征求意见")),
        "item.handed_back": _Said(gettext("答复意见")),
        "item.recalled": _Said(gettext("已收回")),
        "item.acknowledged": _Said(gettext("已签收")),
        "item.signer_added": _Said(gettext("已加签")),
        "item.signer_removed": _Said(gettext("已减签")),
        "item.skipped": _Said(gettext("自动通过"), system=True),
        "item.handed_over": _Said(gettext("交接")),
        "extension.asked": _Said(gettext("已申请延期")),
        "extension.granted": _Said(gettext("延期")),
        "extension.refused": _Said(gettext("不同意延期")),
        "due.changed": _Said(gettext("已调整期限")),
        "task.urged": _Said(gettext("已催办")),
        "copy.sent": _Said(gettext("已抄送")),
        "comment.added": _Said(gettext("评论")),
        "comment.struck": _Said(gettext("撤下评论")),
        "attachment.added": _Said(gettext("上传附件")),
        "message.received": _Said(gettext("收到消息"), system=True),
        "message.sent": _Said(gettext("发出消息"), system=True),
        "signal.received": _Said(gettext("收到信号"), system=True),
        "signal.sent": _Said(gettext("发出信号"), system=True),
        "condition.met": _Said(gettext("条件成立"), system=True),
        "decision.evaluated": _Said(gettext("按规则判定"), system=True),
        "goal.frozen": _Said(gettext("批复并固化"), system=True),
        "goal.reminded": _Said(gettext("发出提醒"), system=True),
        "campaign.enrolled": _Said(gettext("固定应报名单"), system=True),
        "campaign.escalated": _Said(gettext("提醒、升级"), system=True),
        "campaign_urge.asked": _Said(gettext("批量催办")),
        "campaign_extend.asked": _Said(gettext("批量延期")),
        "incident.raised": _Said(gettext("出错，等待处理"), system=True),
        "incident.resolved": _Said(gettext("异常已处理")),
        "element.skipped": _Said(gettext("跳过出错的步骤")),
        "variables.edited": _Said(gettext("更正流程数据")),
        "due.recomputed": _Said(gettext("按新日历调整期限"), system=True),
        "instance.ended": _Said(gettext("流程结束"), system=True),
        "instance.terminated": _Said(gettext("流程终止")),
        "instance.suspended": _Said(gettext("已挂起")),
        "instance.resumed": _Said(gettext("已恢复办理")),
        "instance.jumped": _Said(gettext("已跳转")),
        "instance.migrated": _Said(gettext("换到另一版流程")),
        "migration.undone": _Said(gettext("撤销换版")),
        "service.undone": _Said(gettext("撤销自动处理"), system=True),
        "proposal.asked": _Said(gettext("申请干预，等另一人确认")),
        "proposal.declined": _Said(gettext("没有同意干预申请")),
    }


def timeline(view: InstanceView, now: datetime) -> list[EventView]:
    """Return the 办理记录: what is open first, then what happened, the newest on top."""
    waiting = [
        EventView(
            "now",
            holder.since.isoformat(),
            short_moment(holder.since, now),
            wording.said(holder.step),
            _who(holder),
            gettext("待办理"),
        )
        for holder in view.holders
    ]
    words = _words()
    return waiting + [told for event in reversed(view.timeline) if (told := _told(event, view, now, words))]


def opinions(view: InstanceView) -> list[EventView]:
    """Return who completed which step with which opinion, the first on top, with whole dates: what a 审批单 prints."""
    now = view.started_at
    words = _words()
    found = [
        (event, _told(event, view, now, words)) for event in view.timeline if event.kind == "item.completed"
    ]
    return [replace(told, at=moment(event.at)) for event, told in found if told is not None]


def _who(holder: Any) -> str:
    return "、".join(holder.names)


def _told(event: Any, view: InstanceView, now: datetime, words: Mapping[str, _Said]) -> EventView | None:
    """Return an event as a line in these words, None for what only machines care about."""
    if event.kind == "item.completed":
        return EventView(
            tone="back" if event.rejects else "",
            iso=event.at.isoformat(),
            at=short_moment(event.at, now),
            step=wording.said(event.step or ""),
            who=who(event.by),
            what=wording.said(event.outcome or "") or gettext("办理"),
            note=_note(event),
            opinion=event.opinion or "",
        )
    said = words.get(event.kind)
    if said is None:
        return None
    return EventView(
        tone="system" if said.system else "",
        iso=event.at.isoformat(),
        at=short_moment(event.at, now),
        step=wording.said(event.step or view.process_name),
        who=gettext("系统") if said.system else who(event.by),
        what=said.what,
        note=_note(event),
        opinion=event.opinion or "",
    )


def who(doer: Doer) -> str:
    """Return who did something, in which post, and for whom: 甲（县教育局 经办人）, 甲（代乙，县教育局 经办人）."""
    name, post = called(doer.name), wording.post(doer.post) if doer.post is not None else ""
    if doer.behalf and post:
        return gettext("%(name)s（代%(absent)s，%(post)s）", name=name, absent=doer.behalf, post=post)
    if doer.behalf:
        return gettext("%(name)s（代%(absent)s）", name=name, absent=doer.behalf)
    return gettext("%(name)s（%(post)s）", name=name, post=post) if post else name


#: Events that move a deadline, or ask for it.
_DEADLINES = frozenset({"extension.asked", "extension.granted", "due.changed"})


def _note(event: Any) -> str:
    """Return the line under an event: pinned opinions, who drafted, to whom, which number."""
    data = event.data
    parts = []
    if pins := data.get("pins"):
        parts.append(ngettext("附 %(num)d 条逐条意见", "附 %(num)d 条逐条意见", len(pins)))
    if replies := data.get("replies"):
        parts.append(ngettext("答复 %(num)d 条意见", "答复 %(num)d 条意见", len(replies)))
    if data.get("round", 1) > 1 and event.kind == "item.completed":
        parts.append(gettext("第 %(round)s 轮", round=data["round"]))
    if data.get("bulk"):
        parts.append(gettext("批量办理"))
    if paper := data.get("paper"):
        parts.append(
            gettext(
                "线下签批：%(signer)s %(day)s 签，由上述人员登记",
                signer=paper["signer"],
                day=paper["signed_on"],
            )
        )
    if data.get("struck"):
        parts.append(gettext("已撤下"))
    if data.get("target_step"):
        parts.append(gettext("到“%(step)s”", step=wording.said(data["target_step"])))
    if data.get("drafter_name"):
        parts.append(gettext("%(name)s 起草", name=data["drafter_name"]))
    if data.get("to_name"):
        parts.append(gettext("交给 %(name)s", name=data["to_name"]))
    if event.kind in _DEADLINES and data.get("due") and data.get("before"):
        before, due = (moment(datetime.fromisoformat(data[name])) for name in ("before", "due"))
        parts.append(gettext("期限 %(before)s → %(due)s", before=before, due=due))
    if data.get("reason"):
        parts.append(gettext("理由：%(reason)s", reason=data["reason"]))
    if event.kind == "goal.frozen":
        parts.append(
            gettext("编号 %(number)s，第 %(version)s 版", number=data["number"], version=data["version"])
        )
    return gettext("，").join(parts)


def nodes(view: InstanceView, now: datetime) -> dict[str, dict[str, Any]]:
    """Return what happened at each node of the diagram, for whoever clicks on it: its name and lines, newest first."""
    found: dict[str, dict[str, Any]] = {}
    for holder in view.holders:
        line = f"{_who(holder)} · {gettext('待办理')} · {gettext('%(time)s 起', time=short_moment(holder.since, now))}"
        found.setdefault(holder.element, {"name": wording.said(holder.step), "lines": []})["lines"].append(
            line
        )
    words = _words()
    for event in reversed(view.timeline):
        told = _told(event, view, now, words) if event.element else None
        if told is not None:
            at = found.setdefault(event.element, {"name": told.step, "lines": []})
            at["lines"].append(f"{told.who} · {told.what} · {told.at}")
    return found
