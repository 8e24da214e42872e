"""A campaign begins: 34,261 instances, as many as the largest county report has goals, each with a 20 kB document."""

from __future__ import annotations

import json
import sqlite3
from time import perf_counter, process_time

import psycopg

from bench.counties import County, county, databases
from bench.measure import Report
from bench.processes import line
from engine.commands.start import StartRequest
from engine.identity import SYSTEM

INSTANCES = 34_261
DOCUMENT_BYTES = 20_000
BATCH = 500
BUDGET_SECONDS = 30


def document() -> dict[str, list[dict[str, str]]]:
    """Return a goal form's answers of :data:`DOCUMENT_BYTES` as JSON."""
    rows = [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "name": f"第 {number} 项指标",
            "operator": "≥",
            "target_value": f"{number}.00",
            "unit": "项",
        }
        for number in range(1, 400)
    ]
    while (
        len(json.dumps({"indicators": rows}, ensure_ascii=False, separators=(",", ":")).encode())
        > DOCUMENT_BYTES
    ):
        rows.pop()
    return {"indicators": rows}


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Start them all, and write the same documents alone beside it."""
    report = Report("start")
    count = INSTANCES // 100 if quick else INSTANCES
    for kind in databases(only):
        with county(kind, {"line.bpmn": line()}) as place:
            body = document()
            wall, cpu = perf_counter(), process_time()
            requests = [StartRequest({}, f"P-{number}", {"goal": body}) for number in range(count)]
            started = place.engine.start_many("line", requests, actor=SYSTEM)
            wall, cpu = perf_counter() - wall, process_time() - cpu
            if len(started) != count:
                raise RuntimeError(f"{len(started)} of {count} instances started")
            report.add(
                "bihuan",
                place.label,
                clients=1,
                instances=count,
                seconds=wall,
                per_second=count / wall,
                cpu_ms=1000 * cpu / count,
                document_bytes=len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()),
            )
            alone = _documents_alone(place, count, body)
            report.add(
                "the same documents alone",
                place.label,
                clients=1,
                instances=count,
                seconds=alone,
                per_second=count / alone,
            )
            report.ratio(f"{place.label}: bihuan / the same documents alone", wall, alone)
            budget = BUDGET_SECONDS * count / INSTANCES
            report.budget(f"{place.label}: {count:,} starts", wall, budget, unit="s")
    return report


def _documents_alone(place: County, count: int, body: object) -> float:
    """Insert the documents as raw SQL in the same batches; return the seconds."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    create = "CREATE TABLE floor_documents (id INTEGER PRIMARY KEY, name TEXT NOT NULL, body TEXT NOT NULL)"
    batches = [range(first, min(first + BATCH, count)) for first in range(0, count, BATCH)]
    if place.server is None:
        with sqlite3.connect(place.folder / "floor.db", isolation_level=None) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(create)
            began = perf_counter()
            for batch in batches:
                connection.execute("BEGIN")
                connection.executemany(
                    "INSERT INTO floor_documents VALUES (?, 'goal', ?)", ((id, text) for id in batch)
                )
                connection.execute("COMMIT")
            seconds = perf_counter() - began
        connection.close()
        return seconds
    place.server.create("floor")
    with psycopg.connect(place.server.dsn("floor"), autocommit=True) as connection:
        connection.execute(create.encode())
        began = perf_counter()
        for batch in batches:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(
                    b"INSERT INTO floor_documents VALUES (%s, 'goal', %s)", [(id, text) for id in batch]
                )
        return perf_counter() - began
