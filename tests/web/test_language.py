"""No sentence of the pages is missing in English, and no Chinese is left in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir

from build_pages import catalogue

WEB = Path(__file__).parents[2] / "web"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}


def source_sentences() -> dict[str, str]:
    """Every sentence in the code and the templates, with the file that says it."""
    found: dict[str, str] = {}
    skipped = ("assets", "static", "translations")
    for file, _, message, _, _ in extract_from_dir(
        str(WEB),
        METHODS,
        OPTIONS,
        keywords=KEYWORDS,
        directory_filter=lambda folder: not any(part in Path(folder).parts for part in skipped),
    ):
        found[message if isinstance(message, str) else message[0]] = file
    return found


@pytest.fixture(scope="module")
def english() -> Catalog:
    return catalogue(WEB / "translations" / "en")


def translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_sentence_of_the_pages_and_scripts_has_an_english_one(english: Catalog) -> None:
    known = {(m.id if isinstance(m.id, str) else m.id[0]): m for m in english if m.id}
    missing = {
        sentence: file
        for sentence, file in source_sentences().items()
        if sentence not in known or not all(translations(known[sentence])) or known[sentence].fuzzy
    }
    assert missing == {}


def test_the_english_catalogue_has_nothing_that_no_page_says(english: Catalog) -> None:
    said = source_sentences()
    stale = [m.id for m in english if m.id and (m.id if isinstance(m.id, str) else m.id[0]) not in said]
    assert stale == []


def test_no_chinese_is_left_in_the_english_sentences(english: Catalog) -> None:
    assert [m.id for m in english if m.id and any(CHINESE.search(text) for text in translations(m))] == []


def test_every_translation_keeps_its_placeholders(english: Catalog) -> None:
    for message in english:
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[0]))
        for text in translations(message):
            assert set(PLACEHOLDER.findall(text)) == wanted, message.id


def test_no_template_has_chinese_outside_the_translated_sentences() -> None:
    quoted = re.compile(r"_\(\s*(['\"]).*?\1|\{#.*?#\}", re.S)
    allowed = {"中文"}
    for file in sorted((WEB / "templates").rglob("*.html")):
        left = re.findall(r"[\u4e00-\u9fff]+", quoted.sub("", file.read_text("utf-8")))
        assert [word for word in left if word not in allowed] == [], file.name


def test_no_script_has_chinese_of_its_own() -> None:
    folder = WEB / "assets" / "src"
    for file in sorted(folder.rglob("*.js")):
        if (folder / "form") in file.parents:
            continue
        code = re.sub(r"//.*|/\*.*?\*/", "", file.read_text("utf-8"))
        assert CHINESE.search(code) is None, file.name


def test_scripts_ask_only_for_sentences_that_the_server_hands_over() -> None:
    source = (WEB / "i18n.py").read_text("utf-8")
    handed = set(re.findall(r'^\s+"(\w+)": gettext', source, re.M))
    asked: set[str] = set()
    for file in (WEB / "assets" / "src").rglob("*.js"):
        if "form" in file.relative_to(WEB / "assets" / "src").parts[:1]:
            continue
        text = file.read_text("utf-8")
        asked |= set(re.findall(r"say\(\s*'(\w+)'", text))
        for choice in re.findall(r"say\(([^()]*\?[^()]*)\)", text):
            asked |= set(re.findall(r"'(\w+)'", choice.split("?", 1)[1]))
    assert asked - handed == set()
    assert handed - asked == set()
