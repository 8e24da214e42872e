"""``python -m tests.tck DIR [--json]``: run the test cases below a folder."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.tck.runner import run_folder


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when every case passes, 1 when some do not, 2 when the folder holds none."""
    parser = argparse.ArgumentParser(prog="python -m tests.tck", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="print the counts and failures as JSON")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"{options.folder} is no folder", file=sys.stderr)
        return 2
    result = run_folder(options.folder).as_dict()
    if not result["total"]:
        print(f"no test cases below {options.folder}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        for failure in result["failures"]:
            print("{folder}#{case} {node}: expected {expected}, got {got}".format(**failure))
        for name, counts in (
            ("all", result),
            *((f"level {level}", counts) for level, counts in result["levels"].items()),
            ("with decision tables", result["decision_tables"]),
            ("non-null results", result["nonnull"]),
        ):
            print(f"{name}: {counts['passed']} of {counts['total']}")
    return 0 if result["passed"] == result["total"] else 1


if __name__ == "__main__":
    sys.exit(main())
