"""Somebody with a browser that runs no script: signs in, reads lists and tasks, submits forms, over plain HTTP."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import html

#: What a killed server looks like from outside.
Lost = (OSError, http.client.HTTPException)


@dataclass(slots=True)
class Page:
    """An answer of the server."""

    status: int
    location: str
    body: bytes

    @property
    def tree(self) -> Any:
        """The page's elements."""
        return html.fromstring(self.body.decode())


@dataclass(slots=True)
class Submission:
    """A form that is ready to be sent, as often as it takes: its request key stays the same."""

    address: str
    fields: dict[str, str]
    item: int


@dataclass(slots=True)
class Visitor:
    """One person's session with the server at ``url``; every method raises :data:`Lost` where the server is gone."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, address: str, fields: dict[str, str] | None = None) -> Page:
        """Send one request on a connection of its own."""
        host = urlsplit(self.url)
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, address, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return Page(answer.status, answer.headers.get("Location", ""), content)

    def sign_in(self, account: str, password: str) -> None:
        """Sign in; raises :class:`AssertionError` where the server refuses."""
        form = hidden(self.ask("GET", "/sign-in").tree.xpath("//form[.//input[@id='account']]")[0])
        answer = self.ask("POST", "/sign-in", {**form, "account": account, "password": password})
        assert answer.status in {302, 303}, answer.body.decode()[:2000]

    def waiting(self) -> list[int]:
        """Return the items on the first page of the inbox."""
        page = self.ask("GET", "/inbox")
        return [int(item) for item in page.tree.xpath("//tr[@data-row]/@data-item")]

    def prepare(self, item: int) -> Submission | None:
        """Open a task and fill in its first outcome; None where it is no longer ours to do."""
        page = self.ask("GET", f"/tasks/{item}")
        if page.status != 200:
            return None
        forms = page.tree.xpath("//form[@id='task-form']")
        outcomes = page.tree.xpath("//button[@name='_outcome']/@value")
        if not forms or not outcomes:
            return None
        return Submission(forms[0].get("action"), {**hidden(forms[0]), "_outcome": outcomes[0]}, item)

    def submit(self, submission: Submission) -> Page:
        """Send a form."""
        return self.ask("POST", submission.address, submission.fields)


def hidden(form: Any) -> dict[str, str]:
    """Return the hidden fields of a form."""
    return {
        field.get("name"): field.get("value", "") for field in form.xpath(".//input[@type='hidden'][@name]")
    }
