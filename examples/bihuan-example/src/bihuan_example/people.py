"""An identity source: the personnel system's export in JSON, whose place the server's environment names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.admin.exchange import ORG, PERSON, POST, Row
from engine.plugins import SourceUnreadable

#: The environment variable with the file's path.
FILE = "BIHUAN_EXAMPLE_PEOPLE"
#: What the personnel system calls its posts, and the roles that they are here.
ROLES: Mapping[str, str] = {"经办": "unit_clerk", "负责人": "unit_head", "股长": "section_chief"}


class HrFile:
    """Organisations, people and posts as the personnel system has them; who left is switched off, never removed."""

    type = "example_hr"
    name: Mapping[str, str] = {"zh": "人事系统", "en": "Personnel system"}

    def read(self) -> Sequence[Row]:
        """Return the rows; raises :class:`SourceUnreadable` where the file isn't there or is none."""
        path = os.environ.get(FILE)
        if not path:
            raise SourceUnreadable(f"{FILE} is not set")
        try:
            given = json.loads(Path(path).read_text("utf-8"))
            return [*_orgs(given), *_people(given)]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SourceUnreadable(f"{type(error).__name__}: {error}") from error


def _orgs(given: Mapping[str, Any]) -> Iterator[Row]:
    for number, one in enumerate(given["organisations"], 1):
        values = {"code": one["code"], "name": one["name"], "kind": "unit", "section": one.get("section")}
        yield Row(ORG, "organisations", number, values)


def _people(given: Mapping[str, Any]) -> Iterator[Row]:
    for number, one in enumerate(given["people"], 1):
        active = "no" if one.get("left") else "yes"
        values = {"id": one["account"], "name": one["name"], "active": active, "mobile": one.get("mobile")}
        yield Row(PERSON, "people", number, values)
        if not one.get("left"):
            post = {"person": one["account"], "role": ROLES[one["post"]], "org": one["organisation"]}
            yield Row(POST, "people", number, {**post, "first": None, "last": None})
