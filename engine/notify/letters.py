"""Letters: what the outbox keeps of news, and the message that a channel gets of it, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.messages import sentence
from engine.notify.configuration import General
from engine.notify.sources import News
from engine.values import dump_json, iso, load_plain

#: How many lines of one section a message has.
MAX_LINES = 20
_SECTIONS = ("late", "near", "new", "notes")
#: Where the pages of tasks and cases are, after the county's address.
TASK_PATH, CASE_PATH = "/tasks/{id}", "/instances/{id}"


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words: its title, its paragraphs, and where it leads."""

    title: str
    paragraphs: Sequence[str]
    link: str | None


def letter(kind: str, news: Sequence[News]) -> str:
    """Return what the outbox keeps of one or several pieces of news, which are told as ``kind``."""
    return dump_json({"kind": kind, "news": [_kept(one) for one in news[:MAX_LINES]], "count": len(news)})


def digest(sections: Mapping[str, Sequence[News]]) -> str:
    """Return what the outbox keeps of a digest; ``sections`` are late, near, new and notes."""
    kept = {
        name: {"news": [_kept(one) for one in found[:MAX_LINES]], "count": len(found)}
        for name, found in sections.items()
    }
    return dump_json({"digest": kept})


def concealed(body: str, secret: Collection[int]) -> str:
    """Return a letter without anything of cases that have become secret since it was written."""
    kept = load_plain(body)
    parts = kept["digest"].values() if "digest" in kept else [kept]
    for part in parts:
        for one in part["news"]:
            if one["instance"] in secret:
                one.update(
                    dict.fromkeys(("process", "subject", "unit", "step", "sender", "text"), ""), secret=True
                )
    return dump_json(kept)


def cases_of(body: str) -> list[int]:
    """Return the cases that a letter tells of."""
    kept = load_plain(body)
    parts = kept["digest"].values() if "digest" in kept else [kept]
    return sorted({one["instance"] for part in parts for one in part["news"] if one["instance"] is not None})


def said(one: Mapping[str, Any], language: str) -> str:
    """Return the sentence of one piece of news."""
    if one["secret"]:
        return sentence(f"tell.discreet.{one['kind']}", {}, language)
    if one["params"]:
        return sentence(one["params"]["code"], one["params"]["params"], language)
    return sentence(
        one["code"],
        {
            "subject": one["subject"] or one["process"] or sentence("tell.unnamed", {}, language),
            "step": one["step"],
            "process": one["process"],
            "sender": one["sender"],
        },
        language,
    )


def sentence_of(one: News, language: str) -> str:
    """Return the sentence of a piece of news."""
    return said(_kept(one), language)


def words(body: str, general: General, *, discreet: bool) -> Words:
    """Return a letter in words; a discreet one says that something waits, and nothing of what it is."""
    kept, language = load_plain(body), general.language
    if "digest" in kept:
        found = _digest(kept["digest"], general, discreet=discreet)
    elif kept["count"] > 1:
        found = _several(kept, general, discreet=discreet)
    else:
        found = _single(kept["news"][0], general, discreet=discreet)
    title = found.title
    if general.sender:
        title = sentence("tell.signed", {"sender": general.sender, "title": title}, language)
    return Words(title, found.paragraphs, found.link)


def _single(one: Mapping[str, Any], general: General, *, discreet: bool) -> Words:
    language = general.language
    if discreet or one["secret"]:
        title = sentence(f"tell.discreet.{one['kind']}", {}, language)
        return Words(title, [title, sentence("tell.sign_in", {}, language)], _home(general))
    title = said(one, language)
    parts = [title]
    if one["unit"]:
        parts.append(sentence("tell.unit", {"unit": one["unit"]}, language))
    if one["due"]:
        parts.append(sentence("tell.due", {"due": datetime.fromisoformat(one["due"])}, language))
    if one["text"]:
        parts.append(sentence("tell.said", {"sender": one["sender"], "text": one["text"]}, language))
    return Words(title, parts, _link(one, general))


def _several(kept: Mapping[str, Any], general: General, *, discreet: bool) -> Words:
    language = general.language
    title = sentence(f"tell.several.{kept['kind']}", {"count": kept["count"]}, language)
    if discreet:
        return Words(title, [title, sentence("tell.sign_in", {}, language)], _home(general))
    return Words(title, [title, "\n".join(_lines(kept, language))], _home(general))


def _digest(kept: Mapping[str, Any], general: General, *, discreet: bool) -> Words:
    language = general.language
    counts = {name: kept[name]["count"] if name in kept else 0 for name in _SECTIONS}
    title = sentence("digest.title", counts, language)
    if discreet:
        return Words(title, [title, sentence("tell.sign_in", {}, language)], _home(general))
    parts = [title]
    for name in _SECTIONS:
        if counts[name]:
            head = sentence(f"digest.{name}", {"count": counts[name]}, language)
            lines = _lines(kept[name], language, sentences=name == "notes")
            parts.append("\n".join([head, *lines]))
    return Words(title, parts, _home(general))


def _lines(kept: Mapping[str, Any], language: str, *, sentences: bool = False) -> list[str]:
    found = []
    for number, one in enumerate(kept["news"], 1):
        if one["secret"]:
            found.append(f"{number}. {sentence('digest.secret', {}, language)}")
        elif sentences:
            found.append(f"{number}. {said(one, language)}")
        else:
            values = {"number": number, "subject": one["subject"] or one["process"], "step": one["step"]}
            if one["due"]:
                due = datetime.fromisoformat(one["due"])
                found.append(sentence("digest.line_due", {**values, "due": due}, language))
            else:
                found.append(sentence("digest.line", values, language))
    left = kept["count"] - len(kept["news"])
    if left:
        found.append(sentence("tell.more", {"count": left}, language))
    return found


def _kept(one: News) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "code": one.code,
        "params": one.params,
        "instance": one.instance_id,
        "item": one.item_id,
        "process": one.process_name,
        "subject": one.subject,
        "unit": one.unit,
        "step": one.step,
        "due": iso(one.due_at),
        "sender": one.sender,
        "text": one.text,
        "link": one.link,
        "secret": one.secret,
    }


def path_of(kind: str, item_id: int | None, instance_id: int | None, link: str | None) -> str:
    """Return where news leads to inside the site: the open task, else the case, else what it names itself."""
    if link:
        return link
    if item_id is not None and kind not in ("withdrawal", "extension"):
        return TASK_PATH.format(id=item_id)
    return CASE_PATH.format(id=instance_id) if instance_id is not None else ""


def _link(one: Mapping[str, Any], general: General) -> str | None:
    path = path_of(one["kind"], one["item"], one["instance"], one["link"])
    return f"{general.url}{path}" if general.url and path else None


def _home(general: General) -> str | None:
    return f"{general.url}/" if general.url else None
