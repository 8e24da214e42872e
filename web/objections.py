"""Objections on the public page (公示): a form without session and script, made safe by a signed token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

#: A form may be sent so long after it was shown, in seconds.
LONGEST = 4 * 3600
LEAST, MOST, MOST_OF_CONTACT = 5, 2000, 200
#: A field that people don't see: who fills it in is no person.
TRAP = "website"


@dataclass(frozen=True, slots=True)
class Objection:
    """What somebody typed; ``problem`` says why it isn't accepted, empty where it is."""

    content: str = ""
    contact: str = ""
    receipt: str = ""
    problem: str = ""


def token(county: str, publication: int) -> str:
    """Return a signed token for one form of one publication; its random part becomes the receipt."""
    return str(_signer().dumps([county, publication, secrets.token_hex(16)]))


def read(form: MultiDict[str, str], county: str, publication: int, *, contact: str) -> Objection:
    """Return what a form says; ``contact`` is the county's rule for it: NONE, OPTIONAL or REQUIRED."""
    content = form.get("content", "").replace("\r\n", "\n").strip()
    reach = form.get("contact", "").strip() if contact != "NONE" else ""
    receipt, problem = _receipt(form.get("token", ""), county, publication)
    if not problem and (len(content) < LEAST or len(content) > MOST):
        problem = gettext("异议内容请写 %(least)s 到 %(most)s 个字。", least=LEAST, most=MOST)
    if not problem and contact == "REQUIRED" and not reach:
        problem = gettext("请填写姓名和联系方式，以便核实和答复。")
    if not problem and len(reach) > MOST_OF_CONTACT:
        problem = gettext("姓名和联系方式不超过 %(most)s 个字。", most=MOST_OF_CONTACT)
    if not problem and form.get(TRAP):
        problem = gettext("没有提交，请重新填写。")
    return Objection(content, reach, receipt, problem)


def _receipt(given: str, county: str, publication: int) -> tuple[str, str]:
    """Return the receipt that a token carries, and why it isn't accepted."""
    try:
        found = _signer().loads(given, max_age=LONGEST)
    except SignatureExpired:
        return "", gettext("页面打开太久，请核对内容后再提交一次。")
    except BadSignature:
        return "", gettext("没有提交，请重新填写。")
    if found[:2] != [county, publication]:
        return "", gettext("没有提交，请重新填写。")
    return str(found[2]), ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="public objection")
