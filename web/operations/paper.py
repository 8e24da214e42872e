"""线下签批: a clerk registers what a leader signed on paper, with the stamped scan."""

from __future__ import annotations

from flask_babel import gettext

from engine.errors import Refused
from web import attached, context, wording
from web.formatting import local
from web.operations.model import About, Choice, Dialog, Done, Field


class RegisterSignature:
    """The record says who registered it; it is never the leader's own act."""

    name, icon, direct = "register_signature", "file-certificate", False

    def label(self) -> str:
        return gettext("登记线下签批")

    def dialog(self, about: About) -> Dialog:
        outcomes = [Choice(one.name, wording.said(one.name)) for one in about.item.outcomes]
        first = outcomes[0].value if outcomes else ""
        today = local(context.now()).date().isoformat()
        fields = [
            Field("line", "signer", gettext("签批人（姓名和职务）"), about.text("signer"), True, limit=100),
            Field("date", "signed_on", gettext("签批日期"), about.text("signed_on", today), True),
        ]
        if outcomes:
            value = about.text("outcome", first)
            fields.append(Field("list", "outcome", gettext("签批结果"), value, True, choices=outcomes))
        fields += [
            Field("text", "opinion", gettext("签批意见（照原文）"), about.text("opinion")),
            Field(
                "file",
                "scan",
                gettext("盖章的扫描件"),
                required=True,
                hint=gettext(
                    "支持 PDF 和图片，不超过 %(limit)s MB。", limit=attached.LIMIT // attached.MEGABYTE
                ),
                accept=".pdf,.jpg,.jpeg,.png,.ofd",
            ),
        ]
        lead = gettext("领导在纸上签了字，由您登记。办理记录会写明由您登记，不写成领导本人在系统里办理。")
        return Dialog(gettext("登记线下签批"), lead, fields, gettext("登记"))

    def carry_out(self, about: About) -> Done:
        scan = about.files.get("scan")
        if scan is None or not scan.filename:
            raise Refused("operation.no_file")
        about.engine.register_signature(
            about.item.item_id,
            **about.common(),
            outcome=about.text("outcome"),
            signer=about.text("signer"),
            signed_on=about.day("signed_on"),
            name=scan.filename,
            scan=scan.stream,
            opinion=about.text("opinion"),
        )
        said = gettext("“%(subject)s”已登记%(who)s的线下签批。", who=about.text("signer"), **about.told())
        return Done(said, leaves=True)
