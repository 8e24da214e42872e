"""What the engine's own channels offer through the hook that other packages use for theirs."""

from __future__ import annotations

from collections.abc import Sequence

from engine.notify.channels import DingTalk, Feishu, Mail, Sms, WeCom
from engine.notify.ports import Channel
from engine.plugins import hookimpl


@hookimpl
def bihuan_channels() -> Sequence[Channel]:
    """Offer mail, SMS and the three robots."""
    return (Mail(), Sms(), WeCom(), DingTalk(), Feishu())
