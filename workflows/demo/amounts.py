"""Amounts that look like a county's and add up to a given total exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from random import Random

from budget.money import FEN_PER_WAN

#: The smallest step of an amount: a hundredth of a 万元, as the forms show it, in 分.
STEP = FEN_PER_WAN // 100
#: No project has less than half a 万元.
FLOOR = 50
#: The spread of the logarithms, from the ratio of mean and median in the reports.
SIGMA = 1.3


def share_out(weights: Sequence[float], total: int) -> list[int]:
    """Divide ``total`` by weights into whole parts whose sum is ``total`` (largest remainders get the rest)."""
    whole = sum(weights)
    exact = [weight / whole * total for weight in weights]
    parts = [math.floor(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: exact[i] - parts[i], reverse=True)
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def amounts(count: int, total: Decimal, random: Random, sigma: float = SIGMA) -> list[int]:
    """Return ``count`` amounts in 分, many small and few large, whose sum is ``total`` 万元 to the 分.

    ``sigma`` is the spread of their logarithms.
    """
    steps = int(total * 100)
    draws = [random.lognormvariate(0, sigma) for _ in range(count)]
    return [(part + FLOOR) * STEP for part in share_out(draws, steps - FLOOR * count)]
