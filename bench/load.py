"""What two hundred people do in a county hall, for locust: they read their lists, open tasks, search, and think in between.

The server's county is one that :mod:`bench.web` has filled. Signing in is not counted: it is slow on purpose.
"""

from __future__ import annotations

import itertools
import re

from locust import HttpUser, between, task

from bench.load_names import INBOX, PASSWORD, READING, TASK, person

_numbers = itertools.count()


class Clerk(HttpUser):
    """Somebody at a desk, who reads a page before they open the next."""

    wait_time = between(*READING)

    def on_start(self) -> None:
        """Sign in, and find the task with the long table."""
        page = self.client.get("/sign-in", name="(sign in)").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        form = {
            "account": person(next(_numbers)),
            "password": PASSWORD,
            "csrf_token": token[1],
        }
        self.client.post("/sign-in", form, name="(sign in)")
        found = self.client.get("/inbox?process=page", name="(sign in)").text
        items = re.findall(r'data-item="(\d+)"', found)
        assert items, found[:500]
        self.item = items[0]

    @task(8)
    def inbox(self) -> None:
        """Look at the inbox."""
        self.client.get("/inbox", name=INBOX)

    @task(4)
    def open_task(self) -> None:
        """Open the task with a table of 130 rows beside the list."""
        self.client.get(f"/tasks/{self.item}?_beside=1", name=TASK)

    @task(2)
    def filtered(self) -> None:
        """Narrow the inbox."""
        self.client.get("/inbox?due=week&amount_from=100", name="inbox, filtered")

    @task(2)
    def search(self) -> None:
        """Search everything."""
        self.client.get("/search?text=沥青", name="search")

    @task(2)
    def done(self) -> None:
        """Look at what is done."""
        self.client.get("/done", name="done")

    @task(6)
    def news(self) -> None:
        """What an open page asks by itself."""
        self.client.get("/messages/count", name="news")
