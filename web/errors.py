"""What went wrong, as a page or as JSON, in a sentence of the reader's language and with the right status."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine import messages
from engine.errors import BihuanError, Conflict, Forbidden, InvalidAnswers, NotFound, Refused
from web import context

messages.register(
    {
        "county.unnamed": {
            "zh": "请在地址里写明是哪个县，例如 /c/县代码/",
            "en": "Name the county in the address, for example /c/<code>/",
        }
    }
)

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[BihuanError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (InvalidAnswers, 422),
    (Refused, 422),
    (BihuanError, 422),
)


_MOST_FINDINGS = 3


def status_of(error: BihuanError) -> int:
    """Return the HTTP status that says what kind of error it is."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def explained(error: BihuanError) -> str:
    """Return the error's sentence, or those of its first findings, which say more."""
    findings = [finding for finding in getattr(error, "findings", ()) if finding.blocks]
    said = [context.said(finding.message) for finding in findings[:_MOST_FINDINGS]]
    return " ".join(said) or error.message(context.language())


def sentence_for(status: int) -> tuple[str, str]:
    """Return the title and the sentence of an error page."""
    known = {
        400: (gettext("请求不完整"), gettext("页面发来的内容读不懂，请返回上一页重试。")),
        403: (gettext("没有权限"), gettext("您没有权限查看或办理这一项。如果需要，请联系本单位管理员。")),
        404: (gettext("没有找到"), gettext("没有这个页面，或者您没有权限知道它是否存在。")),
        405: (gettext("不能这样操作"), gettext("这个地址不接受这种操作，请从页面上的按钮进入。")),
        409: (gettext("已有变化"), gettext("您打开页面之后，这一项已经被别人办理。")),
        413: (gettext("内容太大"), gettext("提交的内容或文件超过了允许的大小，请缩小后再试。")),
        422: (gettext("没有办成"), gettext("填写的内容没有通过检查。")),
        429: (gettext("操作太频繁"), gettext("短时间内尝试的次数太多，请稍等一分钟再试。")),
    }
    return known.get(
        status,
        (gettext("系统出错"), gettext("系统内部出了问题，已经记录下来。您填写的内容没有丢失，请稍后再试。")),
    )


def answer(status: int, sentence: str | None = None, reference: str | None = None) -> Any:
    """Return the error as JSON for a script, as a page for people."""
    title, default = sentence_for(status)
    if context.wants_json():
        return jsonify(title=title, message=sentence or default, reference=reference), status
    page = render_template(
        "errors/page.html", status=status, heading=title, sentence=sentence or default, reference=reference
    )
    return page, status


def stale() -> str:
    """Return what is said to who writes from a page without its token, or with another session's."""
    return gettext("页面停留太久或登录已更换，请刷新页面后再提交。您填写的内容已留在本机。")


def install(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(BihuanError)
    def refused(error: BihuanError) -> Any:
        return answer(status_of(error), explained(error))

    @app.errorhandler(CSRFError)
    def forged(_: CSRFError) -> Any:
        return answer(400, stale())

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        return answer(error.code)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Any:
        reference = secrets.token_hex(4)
        log.exception("unexpected error %s at %s %s", reference, request.method, request.path, exc_info=error)
        return answer(500, reference=reference)
