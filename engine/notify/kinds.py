"""What people are told about, and when they want to be."""

from __future__ import annotations

from collections.abc import Mapping

TASK, RETURNED, URGE, COPY, MENTION = "task", "returned", "urge", "copy", "mention"
NEAR, OVERDUE = "near", "overdue"
WITHDRAWAL, EXTENSION, FINISHED, INCIDENT = "withdrawal", "extension", "finished", "incident"
NOTICE = "notice"

#: Every kind, in the order of the settings page.
KINDS: Mapping[str, Mapping[str, str]] = {
    TASK: {"zh": "新待办", "en": "New task"},
    RETURNED: {"zh": "退回给我", "en": "Returned to me"},
    URGE: {"zh": "催办", "en": "Urged"},
    NEAR: {"zh": "即将到期", "en": "Due soon"},
    OVERDUE: {"zh": "已超期", "en": "Overdue"},
    MENTION: {"zh": "评论中提到我", "en": "Mentioned in a comment"},
    COPY: {"zh": "抄送给我", "en": "Copied to me"},
    WITHDRAWAL: {"zh": "撤回申请与答复", "en": "Withdrawal asked or answered"},
    EXTENSION: {"zh": "延期申请与答复", "en": "Extension asked or decided"},
    NOTICE: {"zh": "提醒与通报", "en": "Reminders and notices"},
    FINISHED: {"zh": "批量和后台任务完成", "en": "Long work finished"},
    INCIDENT: {"zh": "流程异常（运维）", "en": "Incident in a process (operators)"},
}

#: At once, in the daily digest, or not.
NOW, DIGEST, NEVER = "now", "digest", "never"
HOWS: Mapping[str, Mapping[str, str]] = {
    NEVER: {"zh": "不发", "en": "No"},
    NOW: {"zh": "立即", "en": "At once"},
    DIGEST: {"zh": "每日汇总", "en": "Daily digest"},
}

#: What the kinds of notes (see :mod:`engine.commands.informing`) are for their readers.
OF_NOTES: Mapping[str, str] = {
    "copy": COPY,
    "mention": MENTION,
    "urge": URGE,
    "given": TASK,
    "withdrawal_asked": WITHDRAWAL,
    "withdrawal_granted": WITHDRAWAL,
    "withdrawal_declined": WITHDRAWAL,
    "extension_asked": EXTENSION,
    "extension_granted": EXTENSION,
    "extension_refused": EXTENSION,
    "finished": FINISHED,
    "notice": NOTICE,
}

#: Of these nothing is left to tell once the task is done.
ABOUT_OPEN_TASKS = frozenset({TASK, RETURNED, URGE, NEAR, OVERDUE})
