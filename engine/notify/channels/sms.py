"""SMS through whatever HTTP gateway the county has: address, headers and body are templates in the settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from engine.notify.ports import Gate, Message, Option, Undelivered

_NAME = re.compile(r"\{(mobile|text|id|key)\}")
_METHODS = (("POST", {"zh": "POST", "en": "POST"}), ("GET", {"zh": "GET", "en": "GET"}))
_PLACES = {
    "zh": "可用占位符：{mobile} 手机号，{text} 内容，{id} 消息编号，{key} 密钥",
    "en": "Placeholders: {mobile}, {text}, {id} of the message, {key} for the secret",
}


class Sms:
    """Sends each message by one request; what the gateway answers with 2xx has gone out."""

    type = "sms"
    name: Mapping[str, str] = {"zh": "短信", "en": "SMS"}
    address: Literal["email", "mobile"] | None = "mobile"
    discreet = True
    options: Sequence[Option] = (
        Option("url", {"zh": "短信网关地址", "en": "Gateway address"}, required=True, help=_PLACES),
        Option("method", {"zh": "方法", "en": "Method"}, "choice", "POST", choices=_METHODS),
        Option(
            "headers",
            {"zh": "请求头", "en": "Headers"},
            "lines",
            "Content-Type: application/json; charset=utf-8",
            help={
                "zh": "每行一个，可用同样的占位符，例如 Authorization: Bearer {key}",
                "en": "One a line, with the same placeholders, for example Authorization: Bearer {key}",
            },
        ),
        Option(
            "body",
            {"zh": "请求正文", "en": "Body"},
            "lines",
            '{"mobile": "{mobile}", "content": "{text}", "messageId": "{id}"}',
            help=_PLACES,
        ),
        Option("key", {"zh": "密钥", "en": "Secret"}, "secret"),
        Option(
            "expects",
            {"zh": "成功时回答里含有", "en": "An answer of success contains"},
            help={
                "zh": '有的网关出错也回答 200，例如填 "code":0；不填只看状态码',
                "en": 'Some gateways answer 200 to errors too; for example "code":0; empty: the status decides',
            },
        ),
        Option(
            "idempotent",
            {"zh": "网关按 {id} 去重", "en": "The gateway drops a second message with the same {id}"},
            "flag",
            False,
        ),
    )

    def repeatable(self, options: Mapping[str, Any]) -> bool:
        """Only where the gateway is known to recognise a message's id."""
        return bool(options["idempotent"])

    def send(self, options: Mapping[str, Any], message: Message, gate: Gate) -> None:
        """Ask the gateway; an answer 4xx but 408 and 429 is final."""
        values = {
            "mobile": message.address,
            "text": message.text.replace("\n", " "),
            "id": message.id,
            "key": str(options["key"]),
        }
        headers = _headers(str(options["headers"]), values)
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        url = _filled(str(options["url"]), values, lambda value: quote(value, safe=""))
        body = None
        if options["method"] != "GET":
            escape = _json if "json" in kind else (lambda value: quote(value, safe=""))
            body = _filled(str(options["body"]), values, escape).encode()
        status, answer = gate.http(str(options["method"]), url, body, headers)
        said = answer.decode("utf-8", "replace")
        if not 200 <= status < 300:
            raise Undelivered(
                _clean(f"{status} {said}", values), final=status < 500 and status not in (408, 429)
            )
        if options["expects"] and str(options["expects"]) not in said:
            raise Undelivered(_clean(said, values), final=True)


def _headers(text: str, values: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found[name.strip()] = _filled(value.strip(), values, lambda given: " ".join(given.split()))
    return found


def _filled(template: str, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    return _NAME.sub(lambda found: escape(values[found[1]]), template)


def _json(value: str) -> str:
    """Return a text as it stands between the quotes of a JSON string."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _clean(text: str, values: Mapping[str, str]) -> str:
    """Take out what a gateway repeats of the secret and of the number."""
    for name in ("key", "mobile"):
        if values[name]:
            text = text.replace(values[name], "***")
    return text[:300]
