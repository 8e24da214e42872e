"""A process that publishes messages one after the other and says which are acknowledged, until it is killed.

``python -m tests.reliability.courier HOME COUNTY FIRST LAST``: messages FIRST to LAST, each with its number as key and id.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from engine.database import Home
from engine.engine import Engine
from engine.plugins import load_plugins

NAME = "Paid"


def publish(home: str, county: str, first: int, last: int) -> None:
    """Publish the messages, and print the number of each one as soon as the engine has taken it."""
    engine = Engine(Home(home).open(county), plugins=load_plugins(entry_points=False))
    for number in range(first, last):
        engine.publish(NAME, number, {"number": number}, f"id-{number}", timedelta(days=1))
        print(number, flush=True)


if __name__ == "__main__":
    publish(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
