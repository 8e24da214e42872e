"""What is checked in indicators for the library: levels that belong together, no unit's name, none twice, units."""

from __future__ import annotations

from collections.abc import Iterator

from budget import library
from budget.answers import rows, text
from budget.codes import LEVEL2_OF, Level1
from budget.quality.model import found
from budget.quality.words import normal
from engine.plugins import AnswersRequest, Finding
from workflows.indicator_library.handlers import left_out


def check_indicators(request: AnswersRequest) -> Iterator[Finding]:
    """Check every row that names an indicator."""
    if request.outcome == "不再入库":
        return
    indicators = [row if text(row.get("name")) else {} for row in rows(request.answers.get("indicators"))]
    seen: dict[tuple[str, str], int] = {}
    for index, row in enumerate(indicators):
        if not row:
            continue
        level1, level2 = text(row.get("level1")), text(row.get("level2"))
        if level1 in Level1.__members__ and level2 not in LEVEL2_OF[Level1[level1]]:
            yield found("library_levels", f"indicators.{index}.level2")
        key = (text(row.get("type")), normal(text(row.get("name"))))
        if key in seen:
            yield found("library_twice", f"indicators.{index}.name", row=seen[key] + 1)
        seen.setdefault(key, index)
        if (
            row.get("operator") not in (None, "QUAL")
            and text(row.get("target"))
            and not text(row.get("unit"))
        ):
            yield found("library_unit", f"indicators.{index}.unit")
        if bool(text(row.get("standard_kind"))) != bool(text(row.get("standard"))):
            yield found("library_standard", f"indicators.{index}.standard")
    if request.session is not None:
        for index, name in library.names_units(request.session, indicators):
            yield found("library_unit_named", f"indicators.{index}.name", name=name)


def check_final(request: AnswersRequest) -> Iterator[Finding]:
    """Refuse to publish nothing."""
    count = int(request.variables.get("count") or 0)
    if request.outcome == "发布" and count and left_out(request.answers) >= set(range(1, count + 1)):
        yield found("library_nothing", "left_out")


#: By form.
CHECKS = {"library_indicators": check_indicators, "library_final": check_final}
