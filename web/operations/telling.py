"""催办, 抄送, 关注: what one tells others about a case, or wants to be told."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from engine.errors import Refused
from web import people, record
from web.operations.model import About, Dialog, Done, Field, called


class Urge:
    """A nudge to who holds it."""

    name, icon, direct = "urge", "bell-ringing", False

    def label(self) -> str:
        return gettext("催办")

    def dialog(self, about: About) -> Dialog:
        holder = record.called(about.item.holder or "")
        lead = (
            gettext("提醒%(who)s尽快办理。同一事项 4 小时内只能催一次。", who=holder)
            if holder
            else gettext("提醒可以办理的人尽快办理。同一事项 4 小时内只能催一次。")
        )
        text = Field("text", "text", gettext("附言（可不填）"), about.text("text"), limit=500)
        return Dialog(gettext("催办"), lead, (text,), gettext("催办"))

    def carry_out(self, about: About) -> Done:
        told = about.engine.urge(
            about.item.item_id, actor=about.actor, text=about.text("text"), request_key=about.request_key
        )
        return Done(gettext("“%(subject)s”已催办：%(who)s。", who=called(told), **about.told()))


class Copy:
    """Others read it."""

    name, icon, direct = "copy", "send", False

    def label(self) -> str:
        return gettext("抄送")

    def dialog(self, about: About) -> Dialog:
        picker = about.picker(
            gettext("抄送给"),
            people.Scope(people.ANYONE, roles=True),
            multiple=True,
            hint=gettext("可以选多个人，也可以选岗位。对方从此可以查看这件事项。"),
        )
        return Dialog(
            gettext("抄送"),
            gettext("发给别人知晓，不需要对方办理；对方看过会有回执。"),
            (
                Field("people", "to", "", picker=picker),
                Field("text", "text", gettext("附言（可不填）"), about.text("text"), limit=500),
            ),
            gettext("抄送"),
        )

    def carry_out(self, about: About) -> Done:
        to = [one for one in about.form.getlist("to") if one]
        if not to:
            raise Refused("operation.no_person")
        sent = about.engine.copy(
            about.instance_id,
            actor=about.actor,
            to=to,
            text=about.text("text"),
            request_key=about.request_key,
        )
        count = ngettext("%(num)d 人", "%(num)d 人", len(sent))
        return Done(
            gettext(
                "“%(subject)s”已抄送给 %(count)s：%(who)s。", count=count, who=called(sent), **about.told()
            )
        )


class Follow:
    """Watch a case, or not any more."""

    name, icon, direct = "follow", "eye", True

    def label(self) -> str:
        return gettext("加关注")

    def dialog(self, about: About) -> Dialog:  # noqa: ARG002
        return Dialog(gettext("加关注"), gettext("有进展时在“关注”里看到它。"), (), gettext("加关注"))

    def carry_out(self, about: About) -> Done:
        about.engine.follow(about.instance_id, actor=about.actor, request_key=about.request_key)
        return Done(gettext("已关注“%(subject)s”。", **about.told()))


class Unfollow:
    """Watch a case no more."""

    name, icon, direct = "unfollow", "eye-off", True

    def label(self) -> str:
        return gettext("取消关注")

    def dialog(self, about: About) -> Dialog:  # noqa: ARG002
        return Dialog(gettext("取消关注"), gettext("不再在“关注”里列出。"), (), gettext("取消关注"))

    def carry_out(self, about: About) -> Done:
        about.engine.follow(about.instance_id, actor=about.actor, on=False, request_key=about.request_key)
        return Done(gettext("已取消关注“%(subject)s”。", **about.told()))
