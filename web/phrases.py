"""Common phrases for opinions: a person's own, and the office's by role and step; they go into the record in Chinese."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import Refused, TaskView, messages
from web import context, preferences

#: The preference that holds a person's own phrases, and the county's setting that holds the office's.
OWN, OFFICE = "phrases", "phrases"
#: So many phrases a person has at most, and so long is each.
MOST, LONGEST = 30, 200
#: So many phrases an office has at most.
MOST_OF_OFFICE = 100
#: What the office offers where the county has set nothing.
DEFAULTS: Sequence[Mapping[str, Any]] = (
    {"text": "同意。"},
    {"text": "情况属实，同意上报。"},
    {"text": "请按逐条意见修改后重新报送。"},
    {"text": "请补充佐证材料。"},
)

messages.register(
    {
        "phrase.empty": {"zh": "常用意见没有写内容", "en": "The phrase says nothing"},
        "phrase.long": {"zh": "常用意见最多 {limit} 个字", "en": "A phrase has at most {limit} characters"},
        "phrase.many": {"zh": "常用意见最多 {limit} 条", "en": "There are at most {limit} phrases"},
        "phrase.known": {"zh": "已经有这一条常用意见", "en": "There is such a phrase already"},
        "phrase.gone": {"zh": "这一条已经改过或删除了", "en": "This phrase was changed or deleted since"},
    }
)


@dataclass(frozen=True, slots=True)
class OfficePhrase:
    """A phrase of the office: for those who hold one of ``roles``, at one of ``steps`` (elements), at the organisation
    ``org``; empty: for all.
    """

    text: str
    roles: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    org: str = ""

    def serves(self, roles: Collection[str], orgs: Collection[str]) -> bool:
        """Whether it is for somebody with these roles at these organisations."""
        return not (self.roles and self.roles.isdisjoint(roles)) and self.org in ("", *orgs)


def own() -> list[str]:
    """Return the phrases of the signed-in person, in their order."""
    kept = preferences.personal().preferences.get(OWN)
    return [text for text in kept if isinstance(text, str)] if isinstance(kept, list) else []


def add(text: str) -> None:
    """Add a phrase to one's own; raises :class:`Refused` for an empty, long or known one, and for too many."""
    kept = own()
    said = _checked(text, kept)
    if len(kept) >= MOST:
        raise Refused("phrase.many", limit=MOST)
    _keep([*kept, said])


def change(old: str, text: str) -> None:
    """Change one of one's own phrases, named by what it says; raises :class:`Refused`."""
    kept = own()
    at = _place(old, kept)
    if text.strip() != old:
        kept[at] = _checked(text, kept)
        _keep(kept)


def remove(old: str) -> None:
    """Delete one of one's own phrases; raises :class:`Refused` where it isn't there."""
    kept = own()
    del kept[_place(old, kept)]
    _keep(kept)


def move(old: str, by: int) -> None:
    """Move one of one's own phrases ``by`` places, no further than the ends; raises :class:`Refused`."""
    kept = own()
    at = _place(old, kept)
    to = min(max(at + by, 0), len(kept) - 1)
    kept.insert(to, kept.pop(at))
    _keep(kept)


def office() -> list[OfficePhrase]:
    """Return the phrases of the office: what the county has set, else :data:`DEFAULTS`."""
    known = context.engine().setting(OFFICE, DEFAULTS)
    return [
        OfficePhrase(
            str(one["text"]),
            frozenset(one.get("roles", ())),
            frozenset(one.get("steps", ())),
            str(one.get("org") or ""),
        )
        for one in known
        if isinstance(one, Mapping) and one.get("text")
    ]


def set_office(phrases: Iterable[OfficePhrase], actor: str) -> None:
    """Set the phrases of the office; history keeps who did.

    Raises :class:`Refused` for an empty or long one, for one that is there twice for the same office, and for too many.
    """
    listed: dict[str, list[str]] = {}
    found = []
    for one in phrases:
        known = listed.setdefault(one.org, [])
        known.append(_checked(one.text, known))
        if len(known) > MOST_OF_OFFICE:
            raise Refused("phrase.many", limit=MOST_OF_OFFICE)
        row = {"text": known[-1], "roles": sorted(one.roles), "steps": sorted(one.steps), "org": one.org}
        found.append(row)
    context.engine().set_setting(OFFICE, found, actor)


def of_office(org: str = "") -> list[OfficePhrase]:
    """Return the phrases of one organisation, or those for the whole county."""
    return [one for one in office() if one.org == org]


def edit_office(act: str, old: str, new: OfficePhrase) -> None:
    """Add ``new``, or change, move or remove the phrase of its organisation that says ``old``; raises :class:`Refused`."""
    all_of_them = office()
    mine = [one for one in all_of_them if one.org == new.org]
    texts = [one.text for one in mine]
    if act == "add":
        mine.append(new)
    else:
        at = _place(old, texts)
        if act == "change":
            mine[at] = new
        elif act == "remove":
            del mine[at]
        else:
            to = min(max(at + (-1 if act == "up" else 1), 0), len(mine) - 1)
            mine.insert(to, mine.pop(at))
    others = [one for one in all_of_them if one.org != new.org]
    set_office([*others, *mine], context.actor().principal)


def offered(task: TaskView) -> list[str]:
    """Return the phrases for an opinion on a task: one's own, then the office's for one's roles and this step.

    A step at which nobody decides (its outcomes have no rejection) offers only one's own.
    """
    mine = own()
    if not any(outcome.rejects for outcome in task.outcomes):
        return mine
    shared = [one.text for one in for_me() if not one.steps or task.element in one.steps]
    return list(dict.fromkeys([*mine, *shared]))


def for_me() -> list[OfficePhrase]:
    """Return the phrases of the office that are for the signed-in person, at whatever step: their own office's first."""
    posts = context.actor().posts
    roles, orgs = {post.role for post in posts}, {post.org for post in posts}
    return sorted((one for one in office() if one.serves(roles, orgs)), key=lambda one: one.org == "")


def _checked(text: str, kept: Sequence[str]) -> str:
    said = " ".join(text.split())
    if not said:
        raise Refused("phrase.empty")
    if len(said) > LONGEST:
        raise Refused("phrase.long", limit=LONGEST)
    if said in kept:
        raise Refused("phrase.known")
    return said


def _place(old: str, kept: Sequence[str]) -> int:
    if old not in kept:
        raise Refused("phrase.gone")
    return kept.index(old)


def _keep(kept: Sequence[str]) -> None:
    context.engine().prefer(OWN, list(kept) or None, actor=context.actor())
