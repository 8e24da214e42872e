"""Runs a benchmark by its name: ``python -m bench completion --quick --json``; ``all`` runs every one."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

from bench.measure import Report, table

NAMES = (
    "completion",
    "start",
    "inbox",
    "bulk",
    "laps",
    "fork",
    "memory",
    "signing",
    "feel",
    "web",
    "designer",
    "similarity",
    "year",
)


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for; 2 when there is no such benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("--json", action="store_true", help="write JSON to standard output")
    parser.add_argument("--quick", action="store_true", help="a hundredth of the size: shows that it runs")
    parser.add_argument("--database", choices=["sqlite", "postgres"], help="only on this database")
    asked = parser.parse_args(arguments)
    reports = []
    for name in NAMES if asked.name == "all" else (asked.name,):
        print(f"… {name}", file=sys.stderr, flush=True)
        report: Report = importlib.import_module(f"bench.{name}").run(quick=asked.quick, only=asked.database)
        reports.append(report)
        if not asked.json:
            print(table(report), end="\n\n", flush=True)
    if asked.json:
        found = [report.as_json() for report in reports]
        print(json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
