"""What is checked in the forms of a campaign beyond what the forms themselves say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from engine.plugins import AnswersRequest, Finding
from workflows.campaign import plans

CHECKS: Mapping[str, Callable[[AnswersRequest], Iterable[Finding]]] = {plans.FORM: plans.check}
