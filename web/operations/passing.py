"""转办, 征求意见, 加签, 减签, 签收: who does a task instead of one, first, or as well."""

from __future__ import annotations

from flask_babel import gettext

from engine.errors import Refused
from web import given, people, record
from web.operations.model import About, Choice, Dialog, Done, Field, called, reason


class Transfer:
    """Somebody else instead of me."""

    name, icon, direct = "transfer", "arrow-forward-up", False

    def label(self) -> str:
        return gettext("转办")

    def dialog(self, about: About) -> Dialog:
        return Dialog(
            gettext("转办"),
            gettext("改由别人办理，您填写的草稿一并转过去。"),
            (
                Field("people", "to", "", picker=about.picker(gettext("转给"), _takers(about))),
                reason(about, gettext("说明"), required=False),
            ),
            gettext("转办"),
        )

    def carry_out(self, about: About) -> Done:
        to = about.person()
        about.engine.transfer(about.item.item_id, **about.common(), to=to, reason=about.text("reason"))
        return Done(
            gettext("“%(subject)s”已转给%(who)s办理。", subject=about.subject, who=called([to])), leaves=True
        )


class Delegate:
    """Somebody else first, then back to me."""

    name, icon, direct = "delegate", "message-question", False

    def label(self) -> str:
        return gettext("征求意见")

    def dialog(self, about: About) -> Dialog:
        return Dialog(
            gettext("征求意见"),
            gettext("先请别人看，对方写了意见交回后仍由您办理；您可以随时收回。"),
            (
                Field("people", "to", "", picker=about.picker(gettext("请谁看"), _takers(about))),
                reason(about, gettext("想请对方看什么"), required=False),
            ),
            gettext("送出"),
        )

    def carry_out(self, about: About) -> Done:
        to = about.person()
        about.engine.delegate(about.item.item_id, **about.common(), to=to, reason=about.text("reason"))
        return Done(
            gettext("已请%(who)s对“%(subject)s”提意见，交回后再由您办理。", who=called([to]), **about.told()),
            leaves=True,
        )


class HandBack:
    """What I was asked about goes back with my opinion; or I take back what I asked somebody about."""

    name, icon, direct = "hand_back", "arrow-back-up", False

    def label(self) -> str:
        return gettext("交回意见")

    def dialog(self, about: About) -> Dialog:
        if asked(about):
            opinion = Field(
                "text", "opinion", gettext("您的意见"), about.text("opinion", about.item.draft_opinion), True
            )
            return Dialog(
                gettext("交回意见"),
                gettext("对方只是征求您的意见，交回后仍由对方办理。"),
                (opinion,),
                gettext("交回"),
            )
        holder = record.called(about.item.holder or "")
        lead = gettext("现在请%(who)s看。收回后由您直接办理，对方已写的草稿留在对方那里。", who=holder)
        return Dialog(gettext("收回"), lead, (), gettext("收回"))

    def carry_out(self, about: About) -> Done:
        mine, opinion = asked(about), about.text("opinion")
        if mine and not opinion:
            raise Refused("operation.no_opinion")
        about.engine.hand_back(about.item.item_id, **about.common(), opinion=opinion)
        if mine:
            return Done(gettext("“%(subject)s”的意见已交回。", **about.told()), leaves=True)
        return Done(gettext("“%(subject)s”已收回，由您办理。", **about.told()))


class AddSigner:
    """Another signer before me, after me or beside me."""

    name, icon, direct = "add_signer", "user-plus", False

    def label(self) -> str:
        return gettext("加签")

    def dialog(self, about: About) -> Dialog:
        positions = (
            Choice("before", gettext("在我之前"), (gettext("对方签完，再轮到我"),)),
            Choice("beside", gettext("与我同时"), (gettext("各签各的，都要签"),)),
            Choice("after", gettext("在我之后"), (gettext("我签完，再轮到对方"),)),
        )
        return Dialog(
            gettext("加签"),
            gettext("请别人也签，事项要所有人签完才往下走。"),
            (
                Field("people", "to", "", picker=about.picker(gettext("加签人"), _takers(about))),
                Field(
                    "choice",
                    "position",
                    gettext("先后"),
                    about.text("position", "before"),
                    True,
                    choices=positions,
                ),
                reason(about, gettext("说明"), required=False),
            ),
            gettext("加签"),
        )

    def carry_out(self, about: About) -> Done:
        to, position = about.person(), about.text("position")
        about.engine.add_signer(
            about.item.item_id, **about.common(), to=to, position=position, reason=about.text("reason")
        )
        who = called([to])
        if position == "before":
            said = gettext("已请%(who)s先签“%(subject)s”，签完再轮到您。", who=who, **about.told())
            return Done(said, leaves=True)
        return Done(gettext("“%(subject)s”已加签%(who)s。", who=who, **about.told()))


class RemoveSigner:
    """A signer who has not signed is taken out."""

    name, icon, direct = "remove_signer", "user-minus", False

    def label(self) -> str:
        return gettext("减签")

    def dialog(self, about: About) -> Dialog:
        states = {"open": gettext("还没有签"), "pending": gettext("还没有轮到")}
        choices = [
            Choice(
                str(one.item_id),
                gettext("、").join(map(record.called, one.names)),
                (states[one.state],),
                why=gettext("主办不能减去") if one.lead else "",
            )
            for one in about.item.signatures
            if one.state in states and not one.mine
        ]
        lead = (
            gettext("只能减去还没有签的人；减去后可能就有了结果。")
            if choices
            else gettext("没有还没签的人。")
        )
        chosen = about.text("signer")
        return Dialog(
            gettext("减签"),
            lead,
            (
                Field("choice", "signer", gettext("减去谁"), chosen, True, choices=choices),
                reason(about, required=False),
            ),
            gettext("减签"),
        )

    def carry_out(self, about: About) -> Done:
        signer = about.form.get("signer", type=given.number) or 0
        names = next((one.names for one in about.item.signatures if one.item_id == signer), ())
        verdict = about.engine.remove_signer(
            about.item.item_id, **about.common(), signer=signer, reason=about.text("reason")
        )
        who = gettext("、").join(map(record.called, names))
        said = gettext("“%(subject)s”已减去%(who)s。", who=who, **about.told())
        return Done(said, leaves=verdict is not None)


class Acknowledge:
    """It has arrived."""

    name, icon, direct = "acknowledge", "mail-opened", True

    def label(self) -> str:
        return gettext("签收")

    def dialog(self, about: About) -> Dialog:  # noqa: ARG002
        lead = gettext("登记您已收到，时间以现在为准；签收不等于认领。")
        return Dialog(gettext("签收"), lead, (), gettext("签收"))

    def carry_out(self, about: About) -> Done:
        about.engine.acknowledge(about.item.item_id, **about.common())
        return Done(gettext("“%(subject)s”已签收。", **about.told()))


def asked(about: About) -> bool:
    """Whether the person was only asked for an opinion on a task, so that it goes back to somebody."""
    can = about.item.can
    return can.get("hand_back", "") is None and can.get("complete", "") is None


def _takers(about: About) -> people.Scope:
    return people.Scope(people.TASK, item=about.item.item_id)
