"""Signing in at the county's own OpenID provider: which one it is, and what is said where that fails."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engine import messages
from engine.admin.settings import OIDC
from web import context

if TYPE_CHECKING:
    from web.oidc_provider import Provider

messages.register(
    {
        "oidc.off": {"zh": "本县没有启用统一认证", "en": "This county has no single sign-on"},
        "oidc.unreachable": {
            "zh": "统一认证暂时连不上，请稍后再试，或用账号密码登录",
            "en": "The provider can't be reached; try again later, or sign in with your password",
        },
        "oidc.refused": {
            "zh": "统一认证没有通过，请重新登录",
            "en": "The provider's answer didn't pass; please sign in again",
        },
        "oidc.late": {
            "zh": "登录页面停留太久或已经用过，请重新登录",
            "en": "That sign-in took too long, or was used already; please begin again",
        },
        "oidc.unknown": {
            "zh": "统一认证已通过，但“{account}”在本县没有账号，请联系管理员",
            "en": "You were recognised, but “{account}” has no account in this county; ask an administrator",
        },
        "oidc.no_claim": {
            "zh": "统一认证没有给出“{claim}”，请管理员检查设置",
            "en": "The provider didn't say “{claim}”; an administrator must look at the settings",
        },
    }
)


def provider() -> Provider | None:
    """Return the provider of the request's county, None where it has none."""
    settings = context.engine().admin.setting(OIDC)
    if not settings["enabled"]:
        return None
    from web.oidc_provider import Provider  # what it needs takes long to import, and few counties have one

    return Provider(settings, secret())


def secret() -> str:
    """Return the client's secret: the environment's ``BIHUAN_OIDC_SECRET_<COUNTY>``, else the file ``oidc.secret`` in the
    county's folder; never the database. Empty for a public client.
    """
    code = context.county_code()
    found = os.environ.get(f"BIHUAN_OIDC_SECRET_{code.upper()}")
    if found is not None:
        return found.strip()
    file = context.counties().home.folder(code) / "oidc.secret"
    return file.read_text("utf-8").strip() if file.exists() else ""
