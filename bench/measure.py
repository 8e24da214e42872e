"""Times, rows and ratios: what every benchmark writes down, in the shape of the commands' contract."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SCALE = {"p50_ms": 3, "p95_ms": 3, "p99_ms": 3, "cpu_ms": 3, "per_second": 1, "seconds": 2}


@dataclass(slots=True)
class Report:
    """A benchmark's rows and the ratios drawn from them.

    ``notes`` are sentences for people: what was compared, and which budget is met or missed.
    """

    bench: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, database: str | None = None, **figures: Any) -> dict[str, Any]:
        """Add a row; milliseconds and rates are rounded to what a repetition confirms."""
        rounded = {key: round(value, SCALE[key]) if key in SCALE else value for key, value in figures.items()}
        row = {"name": name, "database": database, **rounded}
        self.rows.append(row)
        return row

    def ratio(self, name: str, over: float, under: float) -> None:
        """Note ``over`` divided by ``under``."""
        self.ratios[name] = round(over / under, 2) if under else float("inf")

    def budget(self, what: str, value: float, limit: float, *, unit: str) -> None:
        """Note a budget and whether it is met."""
        verdict = "met" if value <= limit else "MISSED"
        self.notes.append(f"budget {verdict}: {what} {value:.3g} {unit}, at most {limit:.3g} {unit}")

    def as_json(self) -> dict[str, Any]:
        """Return the report as the contract shapes it."""
        return {
            "bench": self.bench,
            "machine": machine(),
            "rows": self.rows,
            "ratios": self.ratios,
            "notes": self.notes,
        }


class Series:
    """Durations of one repeated act: wall time of each, CPU time of all together."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.cpu = 0.0
        self.wall = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time the whole series around :meth:`once`."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu

    def once(self, act: Callable[[], Any]) -> Any:
        """Run ``act`` and note how long it took."""
        began = time.perf_counter()
        result = act()
        self.seconds.append(time.perf_counter() - began)
        return result

    def figures(self, clients: int = 1) -> dict[str, Any]:
        """Return percentiles in ms, the rate, and CPU ms of one act."""
        wall = self.wall or sum(self.seconds)
        return {
            "clients": clients,
            "p50_ms": 1000 * quantile(self.seconds, 0.5),
            "p95_ms": 1000 * quantile(self.seconds, 0.95),
            "p99_ms": 1000 * quantile(self.seconds, 0.99),
            "per_second": len(self.seconds) / wall,
            "cpu_ms": 1000 * self.cpu / len(self.seconds),
        }


def quantile(values: Iterable[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of all do not exceed."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * share // 1).__int__() - 1))]


def machine() -> str:
    """Name what the figures were measured on."""
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as stream:
            models = [line.partition(":")[2].strip() for line in stream if line.startswith("model name")]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def table(report: Report) -> str:
    """Return the report as text for a terminal."""
    columns: Sequence[str] = [
        "name",
        *dict.fromkeys(key for row in report.rows for key in row if key != "name"),
    ]
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in report.rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    ratios = [f"{name}: {value}" for name, value in report.ratios.items()]
    return "\n".join([f"{report.bench} · {machine()}", *lines, *ratios, *report.notes])


def _cell(value: Any) -> str:
    return "–" if value is None else f"{value:,}" if isinstance(value, (int, float)) else str(value)
