"""The codes of the forms (一级指标, 项目类型, …) with their Chinese and English labels."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Code(StrEnum):
    """A code with its label by language; ``Level1.OUTPUT.zh`` is 产出指标."""

    zh: str
    en: str

    def __new__(cls, value: str, zh: str, en: str) -> Code:
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.en = en
        return member


class Level1(Code):
    """一级指标; COST stands alone only where the county follows 财预〔2021〕101号."""

    OUTPUT = ("OUTPUT", "产出指标", "output")
    BENEFIT = ("BENEFIT", "效益指标", "benefit")
    SATISFACTION = ("SATISFACTION", "满意度指标", "satisfaction")
    COST = ("COST", "成本指标", "cost")


class Level2(Code):
    """二级指标."""

    QUANTITY = ("QUANTITY", "数量指标", "quantity")
    QUALITY = ("QUALITY", "质量指标", "quality")
    TIMELINESS = ("TIMELINESS", "时效指标", "timeliness")
    COST = ("COST", "成本指标", "cost")
    ECONOMIC = ("ECONOMIC", "经济效益指标", "economic benefit")
    SOCIAL = ("SOCIAL", "社会效益指标", "social benefit")
    ECOLOGICAL = ("ECOLOGICAL", "生态效益指标", "ecological benefit")
    SUSTAINABLE = ("SUSTAINABLE", "可持续影响指标", "lasting effect")
    SATISFACTION = ("SATISFACTION", "服务对象满意度指标", "satisfaction of those served")


#: Which 二级指标 belong to which 一级指标.
LEVEL2_OF: Mapping[Level1, frozenset[Level2]] = {
    Level1.OUTPUT: frozenset({Level2.QUANTITY, Level2.QUALITY, Level2.TIMELINESS, Level2.COST}),
    Level1.BENEFIT: frozenset({Level2.ECONOMIC, Level2.SOCIAL, Level2.ECOLOGICAL, Level2.SUSTAINABLE}),
    Level1.SATISFACTION: frozenset({Level2.SATISFACTION}),
    Level1.COST: frozenset({Level2.COST, Level2.ECONOMIC, Level2.SOCIAL, Level2.ECOLOGICAL}),
}


class Nature(Code):
    """指标性质."""

    QUANT = ("QUANT", "定量", "quantitative")
    QUAL = ("QUAL", "定性", "qualitative")


class Operator(Code):
    """比较符."""

    GE = ("GE", "≥", "≥")
    GT = ("GT", ">", ">")
    LE = ("LE", "≤", "≤")
    LT = ("LT", "<", "<")
    EQ = ("EQ", "=", "=")
    RANGE = ("RANGE", "区间", "between")
    QUAL = ("QUAL", "定性", "qualitative")


class Direction(Code):
    """指标方向: whether more is better."""

    POSITIVE = ("POSITIVE", "正向", "more is better")
    NEGATIVE = ("NEGATIVE", "反向", "less is better")
    NEUTRAL = ("NEUTRAL", "中性", "neither")


class Category(Code):
    """项目类别."""

    PERSONNEL = ("PERSONNEL", "人员类", "personnel")
    OPERATION = ("OPERATION", "运转类", "operation")
    SPECIFIC = ("SPECIFIC", "特定目标类", "specific purpose")


class ProjectType(Code):
    """项目类型: decides which indicators are usual."""

    ENGINEERING = ("ENGINEERING", "工程类", "engineering")
    EQUIPMENT = ("EQUIPMENT", "设备购置类", "equipment")
    POLICY_SUBSIDY = ("POLICY_SUBSIDY", "政策补助类", "policy subsidy")
    IT = ("IT", "信息化类", "information technology")
    SERVICE = ("SERVICE", "服务类", "services")
    OTHER = ("OTHER", "其他", "other")


class ProjectAttr(Code):
    """项目属性."""

    NEW = ("NEW", "新增", "new")
    CONTINUED = ("CONTINUED", "延续", "continued")


class ProjectLevel(Code):
    """项目级次."""

    L1 = ("L1", "一级项目", "first-level project")
    L2 = ("L2", "二级项目", "second-level project")


class FundBook(Code):
    """资金来源: the four budgets and other funds; together they are the total (DQ31)."""

    GENERAL = ("GENERAL", "一般公共预算", "general public budget")
    GOV_FUND = ("GOV_FUND", "政府性基金", "government funds")
    STATE_CAPITAL = ("STATE_CAPITAL", "国有资本经营", "state capital operations")
    SOCIAL_INS = ("SOCIAL_INS", "社会保险基金", "social insurance funds")
    OTHER = ("OTHER", "其他资金", "other funds")


#: The field of form F1 that holds each budget's amount.
FUND_FIELDS: Mapping[FundBook, str] = {
    FundBook.GENERAL: "fund_general",
    FundBook.GOV_FUND: "fund_gov_fund",
    FundBook.STATE_CAPITAL: "fund_state_capital",
    FundBook.SOCIAL_INS: "fund_social_ins",
    FundBook.OTHER: "fund_other",
}


class GoalState(Code):
    """Where a project's goal is."""

    DRAFTING = ("DRAFTING", "填报中", "being drafted")
    SUBMITTED = ("SUBMITTED", "已提交", "submitted")
    RETURNED = ("RETURNED", "退回补正", "returned")
    APPROVED = ("APPROVED", "已批复", "approved")
    REJECTED = ("REJECTED", "不予通过", "rejected")
    OFFLINE = ("OFFLINE", "线下办理", "handled offline")
    WITHDRAWN = ("WITHDRAWN", "已撤销", "withdrawn")


class VersionState(Code):
    """What a submitted version of a goal is."""

    SUBMITTED = ("SUBMITTED", "送审稿", "submitted")
    FROZEN = ("FROZEN", "批复版", "approved")
    REVOKED = ("REVOKED", "批复已撤回", "approval revoked")
    WITHDRAWN = ("WITHDRAWN", "已撤回", "withdrawn")
