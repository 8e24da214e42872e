"""The group robots of 企业微信, 钉钉 and 飞书: each its own JSON, and its own way to sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from engine.notify.ports import Gate, Message, Option, Undelivered

#: The answers that mean: too many just now, try later (企业微信 45009, 钉钉 130101 and 660026, 飞书 9499 and 11232).
_BUSY = frozenset({-1, 45009, 130101, 660026, 9499, 11232})

_URL = Option(
    "url",
    {"zh": "机器人地址（含密钥，保存后不再显示）", "en": "Webhook (a secret; not shown again)"},
    "secret",
)
_SECRET = Option(
    "secret",
    {"zh": "加签密钥", "en": "Signing secret"},
    "secret",
    help={"zh": "机器人的安全设置选“加签”时填", "en": "Where the robot's security setting is signing"},
)
_AT = Option("at", {"zh": "按手机号 @ 本人", "en": "Point to the person by mobile number"}, "flag", True)


class Robot(ABC):
    """What the three have in common: one POST, answered by a JSON object whose error code is 0."""

    address: Literal["email", "mobile"] | None = None
    discreet = True
    #: The fields in which the service says how it went, the first that is there counts.
    answers: Sequence[str] = ("errcode",)

    def repeatable(self, options: Mapping[str, Any]) -> bool:  # noqa: ARG002 (whatever the options say)
        """A robot says the same thing twice when asked twice."""
        return False

    def send(self, options: Mapping[str, Any], message: Message, gate: Gate) -> None:
        """Post to the robot's group; a refusal is final unless it says that there is too much just now."""
        url, content = self.request(options, message)
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        status, answer = gate.http("POST", url, body, headers)
        try:
            said = json.loads(answer)
        except ValueError:
            said = None
        if status != 200 or not isinstance(said, dict):
            raise Undelivered(
                f"{urlsplit(url).hostname}: {status}", final=400 <= status < 500 and status != 429
            )
        code = next((said[name] for name in self.answers if name in said), None)
        if code != 0:
            reason = str(said.get("errmsg") or said.get("msg") or "")
            raise Undelivered(f"{code} {reason}", final=code not in _BUSY)

    @abstractmethod
    def request(self, options: Mapping[str, Any], message: Message) -> tuple[str, dict[str, Any]]:
        """Return the address and the JSON of a message."""


class WeCom(Robot):
    """企业微信群机器人: https://developer.work.weixin.qq.com/document/path/91770."""

    type = "wecom"
    name: Mapping[str, str] = {"zh": "企业微信群机器人", "en": "WeCom robot"}
    options: Sequence[Option] = (_URL, _AT)

    def request(self, options: Mapping[str, Any], message: Message) -> tuple[str, dict[str, Any]]:
        """A text, whose reader is named by number; the key stands in the address."""
        text: dict[str, Any] = {"content": f"{message.title}\n{message.text}"}
        if options["at"] and message.mobile:
            text["mentioned_mobile_list"] = [message.mobile]
        return str(options["url"]), {"msgtype": "text", "text": text}


class DingTalk(Robot):
    """钉钉自定义机器人: https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages."""

    type = "dingtalk"
    name: Mapping[str, str] = {"zh": "钉钉群机器人", "en": "DingTalk robot"}
    options: Sequence[Option] = (_URL, _SECRET, _AT)

    def request(self, options: Mapping[str, Any], message: Message) -> tuple[str, dict[str, Any]]:
        """A text; the signature over time and secret stands in the address, the number in the text too."""
        url, content = str(options["url"]), f"{message.title}\n{message.text}"
        at: dict[str, Any] = {"isAtAll": False}
        if options["at"] and message.mobile:
            at["atMobiles"] = [message.mobile]
            content = f"@{message.mobile} {content}"
        if options["secret"]:
            stamp = int(message.at.timestamp() * 1000)
            sign = quote(_hmac(str(options["secret"]), f"{stamp}\n{options['secret']}"), safe="")
            url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={sign}"
        return url, {"msgtype": "text", "text": {"content": content}, "at": at}


class Feishu(Robot):
    """飞书自定义机器人: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot."""

    type = "feishu"
    name: Mapping[str, str] = {"zh": "飞书群机器人", "en": "Feishu robot"}
    options: Sequence[Option] = (_URL, _SECRET)
    answers: Sequence[str] = ("code", "StatusCode")

    def request(self, options: Mapping[str, Any], message: Message) -> tuple[str, dict[str, Any]]:
        """A text; the signature stands in the body: the key is time and secret, what is signed is empty."""
        content: dict[str, Any] = {
            "msg_type": "text",
            "content": {"text": f"{message.title}\n{message.text}"},
        }
        if options["secret"]:
            stamp = int(message.at.timestamp())
            content = {
                "timestamp": str(stamp),
                "sign": _hmac(f"{stamp}\n{options['secret']}", ""),
                **content,
            }
        return str(options["url"]), content


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
