"""The channels that come with the engine."""

from __future__ import annotations

from engine.notify.channels.mail import Mail
from engine.notify.channels.robots import DingTalk, Feishu, WeCom
from engine.notify.channels.sms import Sms

__all__ = ["DingTalk", "Feishu", "Mail", "Sms", "WeCom"]
