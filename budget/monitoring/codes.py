"""The codes of monitoring (预警灯, 偏差原因, 完成可能性, …) with their Chinese and English labels."""

from __future__ import annotations

from collections.abc import Mapping

from budget.codes import Code


class FigureSource(Code):
    """Where an execution figure is from."""

    FILE = ("FILE", "文件导入", "file")
    REST = ("REST", "系统接口", "interface")
    HAND = ("HAND", "手工登记", "by hand")


class FigureState(Code):
    """Whether an execution figure still counts."""

    CURRENT = ("CURRENT", "有效", "current")
    REPLACED = ("REPLACED", "已被替换", "replaced")


class RecordState(Code):
    """What a submitted monitoring record is."""

    SUBMITTED = ("SUBMITTED", "已提交", "submitted")
    RETURNED = ("RETURNED", "已退回", "returned")
    ACCEPTED = ("ACCEPTED", "已汇总", "accepted")
    WITHDRAWN = ("WITHDRAWN", "已撤回", "withdrawn")


class Light(Code):
    """预警灯."""

    GREEN = ("GREEN", "绿", "green")
    YELLOW = ("YELLOW", "黄", "yellow")
    RED = ("RED", "红", "red")
    BLUE = ("BLUE", "蓝", "blue")


class Action(Code):
    """What follows from the light (D03)."""

    NONE = ("NONE", "无", "none")
    NOTICE = ("NOTICE", "提示关注", "notice")
    RECTIFY = ("RECTIFY", "说明并整改", "explain and rectify")
    HOLD = ("HOLD", "缓拨研究", "hold the money")
    ADJUST = ("ADJUST", "走预算调整", "adjust")


class Cause(Code):
    """偏差原因 (财预〔2019〕136号's five), and what the unit can't be blamed for."""

    FUNDS = ("FUNDS", "经费保障", "money")
    SYSTEM = ("SYSTEM", "制度保障", "rules")
    STAFF = ("STAFF", "人员保障", "people")
    HARDWARE = ("HARDWARE", "硬件条件保障", "equipment")
    OTHER = ("OTHER", "其他", "other")


class Likelihood(Code):
    """完成目标可能性."""

    CERTAIN = ("CERTAIN", "确定能", "certain")
    POSSIBLE = ("POSSIBLE", "有可能", "possible")
    IMPOSSIBLE = ("IMPOSSIBLE", "完全不可能", "impossible")


class FundIssue(Code):
    """资金问题线索."""

    OVERPAY = ("OVERPAY", "超进度付款", "paid ahead of progress")
    IDLE = ("IDLE", "资金沉淀", "idle money")
    MISUSE = ("MISUSE", "挪用", "misuse")
    SLOW = ("SLOW", "支出缓慢", "slow spending")


class MonitorMode(Code):
    """Who monitors: the unit itself, or an agency beside it for key projects (S2-10)."""

    SELF = ("SELF", "单位自行监控", "by the unit")
    THIRD_PARTY = ("THIRD_PARTY", "第三方重点监控", "by an agency too")


class MonitoringResult(Code):
    """How a monitoring ended (domain P06)."""

    NORMAL = ("NORMAL", "正常", "normal")
    RECTIFYING = ("RECTIFYING", "转入整改", "to be rectified")
    HELD = ("HELD", "缓拨", "money held")
    STOPPED = ("STOPPED", "停止拨款", "money stopped")
    NOT_REPORTED = ("NOT_REPORTED", "未报", "not reported")


#: The lights and actions by the words that the decision table D03 answers with.
LIGHTS: Mapping[str, Light] = {light.zh: light for light in Light}
ACTIONS: Mapping[str, Action] = {action.zh: action for action in Action}


def checkpoint_name(period: str) -> str:
    """Return what a checkpoint is called: 8月 for ``08``; a period that is no month keeps its own name."""
    return f"{int(period)}月" if period.isdecimal() else period
