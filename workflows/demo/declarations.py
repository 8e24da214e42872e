"""Writes the demo county's goal forms: sound ones for every kind of project, and flawed ones that a section returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from budget.answers import direction_of
from budget.codes import Category, Level1, Level2, ProjectType
from budget.money import round_half_up
from budget.quality.table_checks import level_of_points
from engine.plugins import Finding
from workflows.demo.amounts import share_out
from workflows.demo.catalogue import Template, templates

#: What money is spent on, by project type, with usual shares.
_EXPENSES: Mapping[str, tuple[tuple[str, int, str], ...]] = {
    ProjectType.ENGINEERING: (
        ("建筑安装工程费", 82, "工程概算及控制价"),
        ("勘察设计与监理费", 9, "合同及取费标准"),
        ("工程建设其他费用", 5, "工程概算"),
        ("预备费", 4, "工程概算的4%"),
    ),
    ProjectType.EQUIPMENT: (
        ("设备购置费", 92, "市场询价三家取平均"),
        ("安装调试与培训费", 8, "供货合同约定"),
    ),
    ProjectType.POLICY_SUBSIDY: (("补助资金", 100, "补助标准×核定对象数量"),),
    ProjectType.IT: (
        ("软件开发与部署", 58, "功能点估算"),
        ("硬件与网络", 27, "市场询价"),
        ("运行维护与等保测评", 15, "合同约定"),
    ),
    ProjectType.SERVICE: (
        ("委托服务费", 76, "服务合同及市场价格"),
        ("会议、培训与差旅费", 15, "县直机关会议费、培训费、差旅费标准"),
        ("印刷与资料费", 9, "上年实际支出"),
    ),
    ProjectType.OTHER: (("人员与公用支出", 100, "编制人数×定额标准"),),
}
_PLANS: Mapping[str, tuple[str, ...]] = {
    ProjectType.ENGINEERING: ("前期手续与招标", "施工", "竣工验收与结算审核"),
    ProjectType.EQUIPMENT: ("需求论证与采购", "到货安装", "验收与投入使用"),
    ProjectType.POLICY_SUBSIDY: ("对象核定与公示", "资金发放", "抽查与总结"),
    ProjectType.IT: ("需求分析与采购", "开发部署", "试运行与验收"),
    ProjectType.SERVICE: ("遴选服务机构", "组织实施", "成果验收"),
    ProjectType.OTHER: ("上半年保障", "下半年保障"),
}
_BOUNDS = ((1, 1, 3, 31), (4, 1, 9, 30), (10, 1, 12, 20))
#: What is kept to prove each kind of result.
_EVIDENCE: Mapping[str, str] = {
    Level1.OUTPUT: "验收资料、台账",
    Level1.BENEFIT: "统计资料、抽样调查",
    Level1.SATISFACTION: "问卷汇总表",
}
#: How many indicators of each kind a form has.
_WANTED: Mapping[Level2, int] = {
    Level2.QUANTITY: 2,
    Level2.QUALITY: 2,
    Level2.TIMELINESS: 1,
    Level2.COST: 1,
    Level2.ECONOMIC: 1,
    Level2.SOCIAL: 1,
    Level2.ECOLOGICAL: 1,
    Level2.SUSTAINABLE: 1,
    Level2.SATISFACTION: 1,
}


def indicators(
    name: str, type: str, category: str, random: Random, *, weights: Mapping[str, Decimal] | None
) -> list[dict[str, Any]]:
    """Return the indicator rows of a project: those that fit its name first, then those of its type.

    ``weights`` gives each level's points, to be shared among its rows.
    """
    rows: list[dict[str, Any]] = []
    for level2, wanted in _WANTED.items():
        usual = [t for t in templates() if t.type == type and t.level2 == level2]
        fitting = [t for t in usual if t.fits(name)]
        others = [t for t in usual if not t.words]
        random.shuffle(others)
        chosen = (fitting + others)[
            : wanted if level2 != Level2.QUANTITY or len(fitting) < 1 else 1 + random.randint(0, 1)
        ]
        rows += [_row(template, random) for template in chosen]
    if category == Category.SPECIFIC and len(rows) > 8:
        rows = [row for row in rows if row["level2"] != Level2.SUSTAINABLE]
    if weights:
        for level1, points in weights.items():
            same = [row for row in rows if level_of_points(row["level1"], weights) == level1]
            for row, part in zip(same, share_out([1.0] * len(same), int(points)), strict=True):
                row["weight_score"] = Decimal(part)
    for number, row in enumerate(rows, 1):
        row["_row"] = f"r{number}"
    return rows


def _row(template: Template, random: Random) -> dict[str, Any]:
    if template.operator == "QUAL" or template.unit == "日期":
        target = random.choice((template.low, template.high))
    else:
        places = int(template.places)
        drawn = random.uniform(float(template.low), float(template.high))
        target = format(round_half_up(Decimal(str(drawn)), places), "f")
    qualitative = template.operator == "QUAL"
    return {
        "level1": template.level1,
        "level2": template.level2,
        "level3_name": template.name,
        "nature": "QUAL" if qualitative else "QUANT",
        "operator": template.operator,
        "target_value": target,
        "unit": template.unit,
        "direction": direction_of(template.operator).value,
        "standard_source": random.choice(("PLAN", "INDUSTRY", "HISTORY")),
        "evidence_required": _EVIDENCE[template.level1],
    }


def sentence(row: Mapping[str, Any]) -> str:
    """Return a row as a clause of a goal: 改造农村公路里程不少于12.5公里."""
    words = {"GE": "不少于", "LE": "不超过", "EQ": "达到", "QUAL": ""}[row["operator"]]
    if row["unit"] == "日期":
        words = "不晚于"
    unit = "" if row["unit"] == "日期" else row["unit"]
    if unit == "%" and row["operator"] == "GE":
        words = "不低于"
    return f"{row['level3_name']}{words}{row['target_value']}{unit}"


def sound(
    prefilled: Mapping[str, Any], random: Random, *, head: str, weights: Mapping[str, Decimal] | None
) -> dict[str, Any]:
    """Return a complete goal form in which no check finds anything, on top of what was prefilled."""
    form = dict(prefilled)
    name, type = form["project_name"], form["project_type"]
    rows = indicators(name, type, form["project_category"], random, weights=weights)
    year = int(form["fiscal_year"])
    quantity = [sentence(row) for row in rows if row["level2"] == Level2.QUANTITY]
    rest = [sentence(row) for row in rows if row["level1"] != Level1.OUTPUT]
    quality = [sentence(row) for row in rows if row["level2"] == Level2.QUALITY][:1]
    form |= {
        "goal_annual": f"{year}年实施{name}，{'，'.join(quantity + quality)}。通过项目实施，{'，'.join(rest)}。",
        "overview": (
            f"{name}由{form['unit_id']}组织实施，{year}年安排资金{form['annual_amount']}万元，"
            f"主要内容为{'、'.join(_PLANS[type])}。项目面向全县，资金实行专款专用。"
        ),
        "basis_legal": f"县委、县政府{year}年重点工作安排；{form['unit_id']}关于{name}的请示及批复",
        "basis_necessity": f"{name}是履行部门职责的必要工作，符合全县经济社会发展规划，群众和服务对象需求迫切。",
        "basis_feasibility": "组织机构、管理制度和工作方案健全，前期工作已经完成，资金来源落实，具备实施条件。",
        "safeguards": "成立项目领导小组，明确责任分工；执行财务和采购制度，按月调度进度，年底组织自评。",
        "indicators": rows,
        "expense_items": _expenses(type, form["annual_amount"]),
        "milestones": plan(type, year),
        "filler": form["project_leader"],
        "unit_head": head,
        "secret_flag": False,
    }
    if form["end_date"][:4] != form["start_date"][:4]:
        form["goal_longterm"] = (
            f"到{form['end_date'][:4]}年底全面完成{name}全部建设内容并投入使用，持续发挥效益。"
        )
        for row in rows:
            row["longterm_target"] = row["target_value"]
    return form


def _expenses(type: str, amount: Decimal) -> list[dict[str, Any]]:
    lines = _EXPENSES[type]
    parts = share_out([share for _, share, _ in lines], int(amount * 100))
    return [
        {"name": name, "amount": Decimal(part) / 100, "basis": basis, "_row": f"r{number}"}
        for number, ((name, _, basis), part) in enumerate(zip(lines, parts, strict=True), 1)
    ]


def plan(type: str, year: int) -> list[dict[str, Any]]:
    """Return the steps in which a project of a type is carried out in a year, as the form has them."""
    steps = _PLANS[type]
    bounds = _BOUNDS if len(steps) == 3 else ((1, 1, 6, 30), (7, 1, 12, 20))
    return [
        {
            "content": content,
            "start": date(year, first_month, first_day).isoformat(),
            "end": date(year, last_month, last_day).isoformat(),
            "_row": f"r{number}",
        }
        for number, (content, (first_month, first_day, last_month, last_day)) in enumerate(
            zip(steps, bounds, strict=True), 1
        )
    ]


def warned(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form with an indicator that a check warns of, and the reason that the clerk gives for it."""
    unusual = {
        "_row": f"r{len(form['indicators']) + 1}",
        "level1": "OUTPUT",
        "level2": "COST",
        "level3_name": "自有资金最低投入成本",
        "nature": "QUANT",
        "operator": "GE",
        "target_value": "5",
        "unit": "万元",
        "direction": "POSITIVE",
    }
    reason = {
        "_row": "r1",
        "check": "DQ33",
        "indicator": unusual["level3_name"],
        "reason": "按协议约定的最低投入，不能少于此数",
    }
    return dict(form) | {"indicators": [*form["indicators"], unusual], "dq_reasons": [reason]}


def weak(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form that passes the checks but that a section should return: a modest target, a thin basis."""
    changed = _with_satisfaction(form, "70") | {"basis_necessity": "工作需要。"}
    for before, after in zip(form["indicators"], changed["indicators"], strict=True):
        changed["goal_annual"] = changed["goal_annual"].replace(sentence(before), sentence(after))
    return changed


def improved(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a weak form after the unit has done what the opinions ask: nothing else has changed."""
    necessity = f"{form['project_name']}直接关系服务对象切身利益，现有条件不能满足需要，不实施将影响全县工作目标完成。"
    return _with_satisfaction(form, "90") | {"basis_necessity": necessity}


def _with_satisfaction(form: Mapping[str, Any], target: str) -> dict[str, Any]:
    rows = [dict(row) for row in form["indicators"]]
    for row in rows:
        if row["level1"] == Level1.SATISFACTION:
            row["target_value"] = target
    return dict(form) | {"indicators": rows}


#: What a clerk answers to a warning that is not a mistake.
_REASONS: Mapping[str, str] = {
    "DQ06": "其余数字为项目概况说明，不作考核",
    "DQ07": "服务类任务难以全部量化，已列明验收要求",
    "DQ11": "上年有一次性因素，今年恢复正常水平",
    "DQ14": "同类任务统一部署，目标要求一致",
    "DQ15": "本年标准提高，含前期费用",
    "DQ27": "承担一级项目中的独立任务",
    "DQ30": "新增重大项目，金额经核定无误",
    "DQ39": "公益性任务，以社会效益为主",
}


def explained(form: Mapping[str, Any], findings: Iterable[Finding]) -> dict[str, Any] | None:
    """Return a form with a reason for each warning that was found; None where something found is no warning."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    if not codes or not set(codes) <= _REASONS.keys():
        return None
    given = list(form.get("dq_reasons") or ())
    for number, code in enumerate(codes, len(given) + 1):
        given.append({"_row": f"r{number}", "check": code, "indicator": "", "reason": _REASONS[code]})
    return dict(form) | {"dq_reasons": given}
