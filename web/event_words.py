"""The events of administration in words: what was done, to whom, and from which value to which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from web import wording


def groups() -> Mapping[str, str]:
    """Return the kinds of events that the log can be narrowed to: the part of a kind before its dot."""
    return {
        "person": gettext("人员"),
        "post": gettext("岗位"),
        "org": gettext("单位与科室"),
        "password": gettext("密码"),
        "approval": gettext("双人确认"),
        "setting": gettext("设置"),
        "substitution": gettext("代理"),
        "import": gettext("导入"),
        "audit": gettext("审计账号"),
        "logs": gettext("日志清理"),
        "calendar": gettext("工作日历"),
        "process": gettext("流程"),
        "profile": gettext("本县规则"),
    }


def sign_ins() -> Mapping[str, str]:
    """Return what became of sign-ins."""
    return {
        "in": gettext("登录"),
        "out": gettext("退出"),
        "wrong": gettext("账号或密码不对"),
        "locked": gettext("账号锁定"),
        "refused": gettext("未准登录"),
        "ended": gettext("登录被结束"),
    }


def reasons() -> Mapping[str, str]:
    """Return why reading is logged."""
    return {
        "audience": gettext("限定阅读人的文书"),
        "secret": gettext("涉密单位"),
        "audit": gettext("审计查阅"),
    }


def what(kind: str, body: Mapping[str, Any]) -> str:
    """Return what was done; a kind that has no words of its own is shown as it is."""
    known = {
        "person.created": gettext("建立账号"),
        "person.changed": gettext("修改人员"),
        "person.contact": gettext("修改联系方式"),
        "person.closed": gettext("停用账号"),
        "person.reopened": gettext("启用账号"),
        "person.locked": gettext("账号锁定"),
        "person.unlocked": gettext("解除锁定"),
        "post.added": gettext("授予岗位"),
        "post.changed": gettext("修改岗位起止"),
        "org.saved": gettext("保存单位"),
        "org.created": gettext("新增单位"),
        "org.changed": gettext("修改单位"),
        "password.changed": gettext("本人修改密码"),
        "password.reset": gettext("重置密码"),
        "approval.asked": gettext("提出申请"),
        "approval.confirmed": gettext("确认申请"),
        "approval.declined": gettext("退回申请"),
        "setting.changed": gettext("修改设置"),
        "calendar.imported": gettext("导入工作日历"),
        "substitution.created": gettext("设置代理"),
        "substitution.ended": gettext("结束代理"),
        "logs.pruned": gettext("清理到期日志"),
        "import.applied": gettext("导入"),
        "audit.scope_created": gettext("设立审计账号"),
        "audit.scope_ended": gettext("结束审计账号"),
        "profile.changed": gettext("修改本县规则"),
        "process.suspended": gettext("停用流程"),
        "process.resumed": gettext("恢复流程"),
    }
    about = {
        "reset_password": gettext("重置密码"),
        "unlock": gettext("解除锁定"),
        "separate": gettext("三员分立"),
        "secret_unit": gettext("变更涉密标识"),
        "profile": gettext("修改本县规则"),
    }
    said = known.get(kind, kind)
    return f"{said}：{about.get(str(body['about']), body['about'])}" if body.get("about") else said


def settings() -> Mapping[str, str]:
    """Return what the county's settings are called; one that a plug-in made has the name that it gave."""
    return {
        "sessions": gettext("登录时长"),
        "logs": gettext("日志保存"),
        "sensitive": gettext("哪些阅读记入日志"),
        "oidc": gettext("统一认证"),
        "calendar": gettext("按计划自动布置年度活动"),
        "phrases": gettext("常用意见"),
        "profile": gettext("本县规则"),
        "year": gettext("预算年度"),
        "paper_signing": gettext("登记线下签批"),
        "second_person": gettext("要第二个人确认的干预"),
        "execution_tokens": gettext("执行数据接口的口令"),
        "notify.channels": gettext("通知渠道"),
        "notify.hosts": gettext("通知渠道可连接的主机"),
        "notify.general": gettext("通知的通用设置"),
        "demo": gettext("演示数据"),
        "demo_loading": gettext("正在装载演示数据"),
    }


def about(body: Mapping[str, Any], call: Callable[[str], str], orgs: Mapping[str, str]) -> str:
    """Return whom or what an event is about."""
    parts = []
    if person := body.get("person"):
        parts.append(f"{call(str(person))}（{person}）")
    if role := body.get("role"):
        parts.append(wording.role(str(role)))
    if org := body.get("org", body.get("code")):
        name = body.get("name") or orgs.get(str(org), org)
        parts.append(f"{name}（{org}）")
    if key := body.get("key"):
        parts.append(settings().get(str(key), str(key)))
    if body.get("about") and body.get("subject") and not person:
        subject = str(body["subject"])
        parts.append(orgs.get(subject) or call(subject))
    if substitute := body.get("substitute"):
        parts.append(f"→ {call(str(substitute))}")
    return " · ".join(parts)


def changes(body: Mapping[str, Any], orgs: Mapping[str, str]) -> list[str]:
    """Return what was changed, each as ``what：old → new``, and the reason."""
    names = {
        "name": gettext("名称"),
        "kind": gettext("类别"),
        "phone": gettext("办公电话"),
        "parent": gettext("隶属"),
        "section": gettext("归口"),
        "secret": gettext("涉密"),
        "secret_asked": gettext("申请变更涉密"),
        "email": gettext("电子邮箱"),
        "mobile": gettext("手机号"),
        "valid_from": gettext("起日"),
        "valid_to": gettext("止日"),
        "value": gettext("值"),
        "rows": gettext("行数"),
        "idle_minutes": gettext("不操作几分钟退出"),
        "hours": gettext("最长几小时"),
        "months": gettext("保存几个月"),
        "audience": gettext("限定范围的内容"),
        "enabled": gettext("启用"),
        "issuer": gettext("提供方地址"),
        "client_id": gettext("客户端编号"),
        "claim": gettext("代表账号的字段"),
        "create": gettext("自动建账号"),
        "label": gettext("按钮文字"),
        "digest_at": gettext("每日汇总时间"),
        "near_days": gettext("提前几个工作日提醒"),
    }

    def shown(name: str, value: Any) -> str:
        if value in (None, ""):
            return gettext("（空）")
        if isinstance(value, bool):
            return gettext("是") if value else gettext("否")
        if isinstance(value, dict):
            return "，".join(f"{names.get(key, key)} {shown(key, one)}" for key, one in sorted(value.items()))
        return orgs.get(str(value), str(value)) if name in ("parent", "section") else str(value)

    found = [
        f"{names.get(name, name)}：{shown(name, old)} → {shown(name, new)}"
        for name, (old, new) in dict(body.get("changes") or {}).items()
    ]
    if "before" in body and "value" in body:
        found.append(f"{names['value']}：{shown('value', body['before'])} → {shown('value', body['value'])}")
    elif body.get("valid_from") or body.get("valid_to"):
        found.append(
            f"{shown('valid_from', body.get('valid_from'))} — {shown('valid_to', body.get('valid_to'))}"
        )
    if reason := body.get("reason"):
        found.append(gettext("理由：%(reason)s", reason=reason))
    return found
