"""The codes of key evaluations: why a project is chosen, who evaluates, with which methods, and what came of it."""

from __future__ import annotations

from budget.codes import Code


class ChoiceReason(Code):
    """Why a project is proposed (S1-04, S2-13, S2-14, S4-17)."""

    AMOUNT = ("AMOUNT", "资金规模大", "large amount")
    ATTENTION = ("ATTENTION", "社会关注度高", "of public interest")
    COVERAGE = ("COVERAGE", "覆盖面广、影响力大", "reaches many")
    FINDINGS = ("FINDINGS", "自评或监控发现问题", "findings of self-evaluation or monitoring")
    FUND_NATURE = ("FUND_NATURE", "特殊资金类型试点", "special kind of funds")
    LEADERS = ("LEADERS", "县委县政府交办", "ordered by the county's leaders")


class ChoiceState(Code):
    """Where a proposed project is."""

    PROPOSED = ("PROPOSED", "待审定", "proposed")
    APPROVED = ("APPROVED", "已审定", "approved")
    REJECTED = ("REJECTED", "未列入", "not included")


class Evaluator(Code):
    """评价主体: who evaluates (D08)."""

    THIRD_PARTY = ("THIRD_PARTY", "第三方机构", "third party")
    BUREAU = ("BUREAU", "财政局", "finance bureau")
    EXEMPT = ("EXEMPT", "不开展", "not evaluated")


class KeyState(Code):
    """How far a key evaluation has come; the end states are FINALIZED and ABORTED."""

    PREPARING = ("PREPARING", "准备", "being prepared")
    PLANNED = ("PLANNED", "方案已定", "plan approved")
    DRAFTED = ("DRAFTED", "初稿已出", "draft report")
    FINALIZED = ("FINALIZED", "已定稿", "final")
    ABORTED = ("ABORTED", "已终止", "aborted")


class Method(Code):
    """评价方法 (S1-08; two more of 财预〔2020〕10号, the last two of S4-18); a county uses those of its profile."""

    COST_BENEFIT = ("COST_BENEFIT", "成本效益分析法", "cost-benefit analysis")
    COMPARISON = ("COMPARISON", "比较法", "comparison")
    FACTORS = ("FACTORS", "因素分析法", "analysis of factors")
    PUBLIC = ("PUBLIC", "公众评判法", "judgement of the public")
    LOWEST_COST = ("LOWEST_COST", "最低成本法", "lowest cost")
    BENCHMARK = ("BENCHMARK", "标杆管理法", "benchmarking")
    WALK_THROUGH = ("WALK_THROUGH", "穿行测试", "walk-through test")
    MEASURED_WORK = ("MEASURED_WORK", "衡工量值", "measure of work done")


class Dimension(Code):
    """一级指标 of the framework (财预〔2020〕10号, annex; S1-05)."""

    DECISION = ("DECISION", "决策", "decision")
    PROCESS = ("PROCESS", "过程", "process")
    OUTPUT = ("OUTPUT", "产出", "output")
    BENEFIT = ("BENEFIT", "效益", "benefit")


class PaperType(Code):
    """工作底稿类型: how the evidence was gathered (S1-06)."""

    DOCUMENTS = ("DOCUMENTS", "资料研究", "study of documents")
    INTERVIEW = ("INTERVIEW", "走访座谈", "visits and talks")
    SURVEY = ("SURVEY", "问卷调查", "questionnaires")
    SITE = ("SITE", "实地调研", "on site")


class Reply(Code):
    """What the unit said to the draft report; no answer in time counts as no objection (domain §5.1)."""

    AGREED = ("AGREED", "无异议", "no objection")
    OPINIONS = ("OPINIONS", "提出意见", "opinions given")
    EXPIRED = ("EXPIRED", "逾期视同无异议", "no answer in time")


class ServiceKind(Code):
    """What a third party did for a project."""

    CONSULT = ("CONSULT", "咨询", "advice")
    EVALUATE = ("EVALUATE", "评价", "evaluation")
