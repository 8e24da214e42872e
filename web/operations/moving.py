"""退回, 撤回, 申请撤回 and its answer: what moves a case other than forward."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext

import forms
from engine import NewPin, TargetView
from engine.commands.complete import Completed
from engine.errors import Refused
from web import context, given, wording
from web.formatting import moment
from web.operations.model import About, Choice, Dialog, Done, Field, called, reason


class Return:
    """To the previous step, the initiator or a chosen earlier step."""

    name, icon, direct = "return", "arrow-back-up", False

    def label(self) -> str:
        return gettext("退回")

    def dialog(self, about: About) -> Dialog:
        targets = about.item.targets
        allowed = [one.element for one in targets if one.refusal is None]
        chosen = about.text("target", allowed[0] if allowed else "")
        fields = [
            Field(
                "choice",
                "target",
                gettext("退回到"),
                chosen,
                True,
                choices=[_choice(one) for one in targets],
            )
        ]
        if any(len(one.modes) > 1 for one in targets if one.refusal is None):
            ways = (
                Choice("walk", gettext("逐级"), (gettext("改好后，中间各步重新办一遍"),)),
                Choice("direct", gettext("直达"), (gettext("改好后，直接回到我这里"),)),
            )
            value = about.text("mode", "walk")
            fields.append(Field("choice", "mode", gettext("改好以后"), value, True, choices=ways))
        hint = gettext("对方会看到。页面上写好的逐条意见一并带过去。") if about.item.pins_document else ""
        fields.append(reason(about, gettext("退回理由"), hint=hint))
        return Dialog(gettext("退回"), "", fields, gettext("退回"), "danger solid")

    def carry_out(self, about: About) -> Done:
        target = next((one for one in about.item.targets if one.element == about.text("target")), None)
        mode = about.text("mode") or None
        if target is not None and mode not in target.modes:
            mode = None  # a way that this step doesn't leave to choose was hidden on the page
        pins, _ = forms.decode_pins(about.form)
        done = about.engine.return_task(
            about.item.item_id,
            **about.common(),
            reason=about.text("reason"),
            to=about.text("target") or None,
            mode=mode,
            pins=[NewPin(one["document"], one["field"], one["row"] or None, one["text"]) for one in pins],
        )
        return Done(
            gettext("“%(subject)s”已退回到%(where)s。", where=whither(done), **about.told()), leaves=True
        )


class Withdraw:
    """I take back what I just submitted."""

    name, icon, direct = "withdraw", "arrow-back", False

    def label(self) -> str:
        return gettext("撤回")

    def dialog(self, about: About) -> Dialog:
        if opened := about.item.opened_by:
            who = gettext("、").join(opened)
            lead = gettext("%(who)s已经打开看过，撤回后会收到通知。撤回后由您重新办理。", who=who)
        else:
            lead = gettext("还没有人打开看过。撤回后由您重新办理。")
        return Dialog(
            gettext("撤回“%(step)s”", step=wording.said(about.item.step)),
            lead,
            (reason(about, gettext("说明"), required=False),),
            gettext("撤回"),
        )

    def carry_out(self, about: About) -> Done:
        done = about.engine.withdraw(
            about.item.item_id,
            actor=about.actor,
            reason=about.text("reason"),
            request_key=about.request_key,
        )
        back = next((one.item_id for one in done.open_items if one.element == about.item.element), None)
        return Done(gettext("“%(subject)s”已撤回，请修改后重新提交。", **about.told()), item=back)


class AskWithdrawal:
    """Once the next holder has begun, it is theirs to let it go."""

    name, icon, direct = "ask_withdrawal", "arrow-back", False

    def label(self) -> str:
        return gettext("申请撤回")

    def dialog(self, about: About) -> Dialog:
        why = about.item.why("withdraw", context.language()) or ""
        lead = gettext("%(why)s。同意后由您重新办理。", why=why)
        return Dialog(gettext("申请撤回"), lead, (reason(about),), gettext("提出申请"))

    def carry_out(self, about: About) -> Done:
        about.engine.ask_withdrawal(
            about.item.item_id,
            actor=about.actor,
            reason=about.text("reason"),
            request_key=about.request_key,
        )
        return Done(gettext("“%(subject)s”的撤回申请已提出，等现在的办理人答复。", **about.told()))


class AnswerWithdrawal:
    """The holder lets a submission go back, or says why not."""

    name, icon, direct = "answer_withdrawal", "arrow-back", False

    def label(self) -> str:
        return gettext("答复撤回申请")

    def dialog(self, about: About) -> Dialog:
        choices = [
            Choice(
                str(one.item_id),
                gettext("%(who)s申请撤回“%(step)s”", who=called([one.by]), step=wording.said(one.step)),
                (gettext("理由：%(reason)s", reason=one.reason), moment(one.at)),
            )
            for one in about.item.asked
        ]
        first = choices[0].value if choices else ""
        return Dialog(
            gettext("答复撤回申请"),
            gettext("同意后，这一项从您这里收走，您已写的内容不再提交。"),
            (
                Field("choice", "asked", gettext("申请"), about.text("asked", first), True, choices=choices),
                reason(about, gettext("不同意的理由"), required=False),
            ),
            gettext("同意撤回"),
            second=gettext("不同意"),
        )

    def carry_out(self, about: About) -> Done:
        grant = about.form.get("answer") != "second"
        if not grant and not about.text("reason"):
            raise Refused("operation.no_reason")
        about.engine.answer_withdrawal(
            about.item.item_id,
            **about.common(),
            asked=about.form.get("asked", type=given.number) or 0,
            grant=grant,
            reason=about.text("reason"),
        )
        if grant:
            return Done(gettext("已同意撤回“%(subject)s”。", **about.told()), leaves=True)
        return Done(gettext("没有同意撤回“%(subject)s”，理由已告知对方。", **about.told()))


def whither(done: Completed) -> str:
    """Return where a case is now: the steps that opened, and with whom."""
    return gettext("、").join(
        gettext(
            "“%(step)s”（%(who)s）",
            step=wording.said(one.step),
            who=called([one.assignee] if one.assignee else one.candidates),
        )
        for one in done.open_items
    )


def _choice(target: TargetView) -> Choice:
    """Return a step that the task can be returned to, with whose open work would end."""
    notes = [gettext("上次由%(who)s办理", who=target.last)]
    for one in target.ends:
        who = _bracketed(one.names)
        notes.append(gettext("会终止正在办理的“%(step)s”%(who)s", step=wording.said(one.step), who=who))
    return Choice(
        target.element,
        wording.said(target.step),
        notes,
        why=target.message(context.language()) or "",
        modes=" ".join(target.modes),
    )


def _bracketed(names: Sequence[str]) -> str:
    """Return names in brackets, nothing where there are none."""
    return gettext("（%(who)s）", who=gettext("、").join(names)) if names else ""
