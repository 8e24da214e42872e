"""The codes of the application of results: what is done, how the rectification stands, how it ended."""

from __future__ import annotations

from budget.codes import Code


class Action(Code):
    """What follows for next year's money (D04)."""

    PRIORITY = ("PRIORITY", "优先安排", "given priority")
    SUPPORT = ("SUPPORT", "继续支持", "supported")
    RECTIFY = ("RECTIFY", "责令整改", "to be rectified")
    CUT = ("CUT", "调减", "cut")
    RECLAIM = ("RECLAIM", "收回", "reclaimed")
    CANCEL = ("CANCEL", "取消", "cancelled")
    REFUSE = ("REFUSE", "不予安排", "not funded")


class Rectified(Code):
    """How the rectification of the project's problems stands."""

    NONE = ("NONE", "无须整改", "nothing to rectify")
    OPEN = ("OPEN", "整改中", "being rectified")
    CLOSED = ("CLOSED", "已销号", "closed")
    FAILED = ("FAILED", "整改不到位", "failed")


class ResultState(Code):
    """How far the application of a result has come."""

    OPEN = ("OPEN", "办理中", "open")
    NOTIFIED = ("NOTIFIED", "已告知单位", "unit notified")
    APPLIED = ("APPLIED", "已应用", "applied")
    APPEALED = ("APPEALED", "申辩后改定", "changed on appeal")
    WAIVED = ("WAIVED", "不作应用", "waived")
