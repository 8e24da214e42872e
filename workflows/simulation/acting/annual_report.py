"""The annual report: the performance section writes to the figures that were computed, the leader signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.simulation.office import Answer, Item, Office

#: Under which name the figures from outside of the system are in the office's plans, by the year.
OTHERS = "annual_report.others"


def write(office: Office, item: Item) -> Answer:
    """The performance section writes its analysis; the figures are there already."""
    variables = office.view(item).variables
    parts = variables["parts"]
    return Answer(
        "提交审签",
        {
            "overview": "围绕编制有目标、执行有监控、完成有评价、评价有反馈、反馈有应用，全面开展预算绩效管理。",
            "work": "".join(part["said"] for part in parts) or "全面开展预算绩效管理各项工作。",
            "problems": "部分单位指标设置不够科学，自评质量有待提高，评价结果应用还需加强。",
            "others": office.plans.get((OTHERS, str(variables["report"]["year"])), []),
            "plans": "完善指标体系，加强培训和抽查复核，推动评价结果与预算安排挂钩。",
        },
    )


def sign(_office: Office, _item: Item) -> Answer:
    """The leader agrees that it is submitted."""
    return Answer("同意报送", {"sign_note": ""}, "同意报送。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {"write": write, "sign": sign}
