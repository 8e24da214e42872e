"""Two hundred people at work on a server with 1,000,000 open tasks: how long the inbox and the task page take.

The server is ``bihuan serve`` with a process a processor, the people are locust's in another one, both on this machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.request import urlopen

from sqlalchemy import insert

from bench import inbox
from bench.counties import CODE, County, county, databases
from bench.load_names import INBOX, PASSWORD, READING, TASK, person
from bench.measure import Report
from bench.processes import line, paged
from engine import tables
from engine.commands.start import StartRequest
from engine.identity import SYSTEM
from engine.passwords import hash_password
from tests.services import ROOT
from tests.services.server import Server

OPEN, QUICK_OPEN = 1_000_000, 10_000
PEOPLE, QUICK_PEOPLE = 200, 20
#: For how long people work, in seconds; signing in comes before.
LASTING, QUICK_LASTING = 180, 45
#: So many people come in a second.
ARRIVALS = 5
#: For how long the server is watched before anybody comes, in seconds.
REST = 15
ROWS = 130
#: The server has as many processes as the machine has processors, as docs/operations.md advises for so many people.
PROCESSES = ("--processes", str(os.cpu_count() or 1))
BUDGETS_MS = {INBOX: 50.0, TASK: 150.0}


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Fill a county, serve it, and let people work in it."""
    report = Report("web")
    open_tasks, people, lasting = (
        (QUICK_OPEN, QUICK_PEOPLE, QUICK_LASTING) if quick else (OPEN, PEOPLE, LASTING)
    )
    form = (ROOT / "forms" / "goal_declaration.form").read_bytes()
    files = {"line.bpmn": line(1), "page.bpmn": paged(), "goal_declaration.form": form}
    for kind in databases(only):
        with county(kind, files) as place:
            _populate(place, people)
            [template] = place.engine.start_many("line", [StartRequest({})], actor=SYSTEM)
            place.engine.index()
            inbox.fill(place, template.instance_id, open_tasks)
            place.home.close()
            with Server(place.folder, environment=_environment(), arguments=PROCESSES) as server:
                _rest(report, place.label, open_tasks, server)
                before = server.cpu_seconds
                found = _load(server.url, people, lasting)
                used = server.cpu_seconds - before
            server.log.unlink(missing_ok=True)
            _tell(report, place.label, open_tasks, people, found)
            served = sum(page["num_requests"] for page in found)
            wanted = people * lasting / (sum(READING) / 2)
            report.notes.append(
                f"{place.label}: {served:,} requests in {lasting} s, of some {wanted:,.0f} that {people} people make when"
                f" nobody is kept waiting; the server used {used:.1f} s of processor time, signing in included; the"
                f" machine's load was {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
            )
    return report


def _rest(report: Report, label: str, open_tasks: int, server: Server) -> None:
    """Note what the server's own threads use while nobody asks for anything."""
    with urlopen(
        f"{server.url}/sign-in"
    ) as page:  # the address is taken before the processes are ready to answer
        page.read()
    before = server.cpu_seconds
    time.sleep(REST)
    share = (server.cpu_seconds - before) / REST
    report.notes.append(
        f"{label}, {open_tasks:,} open: at rest the server uses {100 * share:.0f} % of a processor"
    )


def _environment() -> dict[str, str]:
    return {"BIHUAN_RATELIMIT_ENABLED": "0", "BIHUAN_DEFAULT_COUNTY": CODE}


def _populate(place: County, people: int) -> None:
    """Add the people, each with a post and a task of their own with a long table."""
    hashed = hash_password(PASSWORD)
    orgs = [f"S{number}" for number in range(people)]
    with place.database.write() as unit:
        unit.execute(
            insert(tables.organisations),
            [{"code": org, "name": f"Section {org}", "kind": "section", "parent": None} for org in orgs],
        )
        unit.execute(
            insert(tables.people),
            [
                {
                    "id": person(number),
                    "name": f"Clerk {number}",
                    "password_hash": hashed,
                    "must_change": False,
                    "failures": 0,
                    "active": True,
                }
                for number in range(people)
            ],
        )
        unit.execute(
            insert(tables.posts),
            [
                {"person": person(number), "role": "section_staff", "org": org}
                for number, org in enumerate(orgs)
            ],
        )
    requests = [StartRequest({"org": org, "project": {}}, documents={"goal": _goal()}) for org in orgs]
    place.engine.start_many("page", requests, actor=SYSTEM)


def _goal() -> Mapping[str, Any]:
    """Return the answers of a declaration with a long table of indicators."""
    rows = [
        {
            "_row": f"r{number}",
            "level1": "OUTPUT",
            "level2": "QUANTITY",
            "level3_name": f"养护里程（第 {number} 段）",
            "nature": "QUANT",
            "operator": "GE",
            "target_value": str(number + 10),
            "unit": "公里",
            "weight_score": 1,
            "evidence_required": "验收单、影像资料",
        }
        for number in range(ROWS)
    ]
    return {"project_name": "农村公路日常养护", "goal_annual": "养护沥青路面", "indicators": rows}


def _load(url: str, people: int, lasting: int) -> list[dict[str, Any]]:
    """Let people work, and return locust's figures by page."""
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", "bench/load.py", "--headless", "--only-summary"),
        *("--host", url, "--users", str(people), "--spawn-rate", str(ARRIVALS), "--reset-stats"),
        *("--run-time", f"{lasting + people // ARRIVALS}s", "--json", "--loglevel", "WARNING"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=lasting + 300
    )
    _, begins, figures = done.stdout.partition("[")
    found: list[dict[str, Any]] = json.loads(begins + figures or "[]")
    if missing := BUDGETS_MS.keys() - {page["name"] for page in found}:
        raise RuntimeError(f"nobody came to: {', '.join(sorted(missing))}\n{done.stderr[-4000:]}")
    return found


def _tell(report: Report, label: str, open_tasks: int, people: int, found: list[dict[str, Any]]) -> None:
    for page in sorted(found, key=lambda one: str(one["name"])):
        name, times = page["name"], {float(ms): count for ms, count in page["response_times"].items()}
        if name == "(sign in)":
            continue
        if page["num_failures"]:
            report.notes.append(f"{label}: {page['num_failures']} requests of {name} failed")
        figures = {f"p{share}_ms": _percentile(times, share / 100) for share in (50, 95, 99)}
        seconds = page["last_request_timestamp"] - page["start_time"]
        report.add(
            name,
            label,
            open=open_tasks,
            clients=people,
            **figures,
            per_second=page["num_requests"] / max(seconds, 1),
        )
        if name in BUDGETS_MS:
            report.budget(
                f"{label}, {people} people, {open_tasks:,} open: {name}, p95",
                figures["p95_ms"],
                BUDGETS_MS[name],
                unit="ms",
            )


def _percentile(times: Mapping[float, int], share: float) -> float:
    """Return the time that a share of the requests didn't exceed; ``times`` counts requests by their time in ms."""
    left = share * sum(times.values())
    for ms in sorted(times):
        left -= times[ms]
        if left <= 0:
            return ms
    return 0.0
