"""延期: asking for a later deadline, deciding it, and moving one's own."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext

from engine.calendar import ZONE
from engine.errors import Refused
from web.formatting import moment
from web.operations.model import About, Dialog, Done, Field, called, reason


class Extend:
    """The holder asks, the owner of the deadline decides."""

    name, icon, direct = "extend", "calendar-plus", False

    def label(self) -> str:
        return gettext("申请延期")

    def dialog(self, about: About) -> Dialog:
        return Dialog(
            gettext("申请延期"),
            gettext("由期限的决定人答复；同意以后，提醒和定时也跟着顺延。"),
            (_before(about), _later(about), reason(about)),
            gettext("提出申请"),
        )

    def carry_out(self, about: About) -> Done:
        due = about.moment("due", about.item.due_at)
        about.engine.extend(about.item.item_id, **about.common(), due=due, reason=about.text("reason"))
        waits = about.engine.task(about.item.item_id, about.actor).extension
        if waits is None:
            return Done(gettext("“%(subject)s”的期限已改为 %(due)s。", due=moment(due), **about.told()))
        who = called(waits.owners)
        return Done(
            gettext(
                "已申请把“%(subject)s”延期到 %(due)s，等%(who)s答复。",
                due=moment(due),
                who=who,
                **about.told(),
            )
        )


class DecideExtension:
    """The owner of the deadline grants what was asked, for another date perhaps, or refuses it."""

    name, icon, direct = "decide_extension", "calendar-check", False

    def label(self) -> str:
        return gettext("答复延期申请")

    def dialog(self, about: About) -> Dialog:
        asked = about.item.extension
        if asked is None:  # somebody has decided meanwhile; why nothing can be done stands above
            return Dialog(gettext("答复延期申请"), "", (), gettext("同意延期"))
        facts = (
            (gettext("申请人"), asked.asked_by_name),
            (gettext("原期限"), moment(asked.old_due_at)),
            (gettext("申请延到"), moment(asked.due_at)),
            (gettext("理由"), asked.reason),
        )
        value = about.text("due", asked.due_at.astimezone(ZONE).date().isoformat())
        return Dialog(
            gettext("答复延期申请"),
            "",
            (
                Field("facts", "", "", facts=facts),
                Field("date", "due", gettext("同意延到"), value, True),
                reason(about, gettext("答复"), required=False),
            ),
            gettext("同意延期"),
            second=gettext("不同意"),
        )

    def carry_out(self, about: About) -> Done:
        asked = about.item.extension
        if asked is None:
            raise Refused("extend.not_asked", step=about.item.step)
        grant = about.form.get("answer") != "second"
        if not grant and not about.text("reason"):
            raise Refused("operation.no_reason")
        due = about.moment("due", asked.due_at) if grant else None
        about.engine.decide_extension(
            asked.id,
            actor=about.actor,
            grant=grant,
            due=due,
            answer=about.text("reason"),
            request_key=about.request_key,
        )
        if grant:
            return Done(
                gettext(
                    "“%(subject)s”的期限由 %(before)s 改为 %(due)s。",
                    before=moment(asked.old_due_at),
                    due=moment(due),
                    **about.told(),
                )
            )
        return Done(gettext("没有同意“%(subject)s”延期，答复已告知申请人。", **about.told()))


class ChangeDue:
    """The owner of a deadline moves it."""

    name, icon, direct = "change_due", "calendar-event", False

    def label(self) -> str:
        return gettext("调整期限")

    def dialog(self, about: About) -> Dialog:
        return Dialog(
            gettext("调整期限"),
            gettext("只调整这一件；提醒和定时跟着改，原期限留在办理记录里。"),
            (_before(about), _later(about), reason(about)),
            gettext("调整"),
        )

    def carry_out(self, about: About) -> Done:
        task, why = about.item, about.text("reason")
        if not why:
            raise Refused("operation.no_reason")
        due = about.moment("due", task.due_at)
        found = about.engine.due_changes(
            task.process_id, task.element, due, actor=about.actor, instances=[task.instance_id]
        )
        mine = [one for one in found if one.item_id == task.item_id and one.version == about.version]
        if not mine:
            raise Refused("operation.stale")
        (result,) = about.engine.change_dues(
            mine, actor=about.actor, reason=why, request_key=about.request_key
        )
        if result.error is not None:
            raise result.error
        return Done(
            gettext(
                "“%(subject)s”的期限由 %(before)s 改为 %(due)s。",
                before=moment(task.due_at),
                due=moment(due),
                **about.told(),
            )
        )


def _before(about: About) -> Field:
    return Field("facts", "", "", facts=((gettext("现在的期限"), moment(about.item.due_at)),))


def _later(about: About) -> Field:
    due = about.item.due_at
    begins = "" if due is None else (due.astimezone(ZONE).date() + timedelta(days=7)).isoformat()
    return Field("date", "due", gettext("改到"), about.text("due", begins), True)
