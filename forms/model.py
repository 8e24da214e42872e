"""What a form is once it has been read: an immutable tree of fields with their rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.feel import Expression

#: A row's own id among its answers; it stays with the row when rows are moved, so that opinions stay pinned.
ROW_ID = "_row"
#: Rows that a list may have when its property ``max-rows`` doesn't say otherwise.
DEFAULT_MAX_ROWS = 500
#: The longest text that a field takes when its ``maxLength`` doesn't say otherwise, in characters.
DEFAULT_MAX_LENGTH = 20_000

#: The component types whose answers are kept, and those that only show something or hold others.
VALUE_TYPES = frozenset(
    {
        "textfield",
        "textarea",
        "number",
        "datetime",
        "select",
        "radio",
        "checkbox",
        "checklist",
        "taglist",
        "expression",
        "filepicker",
        "dynamiclist",
    }
)
SHOWN_TYPES = frozenset({"group", "text", "separator", "spacer", "button"})
#: The types whose value is one of, or several of, a set of options.
OPTION_TYPES = frozenset({"select", "radio", "checklist", "taglist"})
MANY_TYPES = frozenset({"checklist", "taglist"})


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people: plain, with ``{{expression}}`` parts, or wholly a FEEL expression.

    ``parts`` alternates freely between literal strings and expressions; ``english`` is the translation that
    the field's properties give (``label-en``), where there is one.
    """

    parts: tuple[str | Expression, ...] = ()
    english: tuple[str | Expression, ...] = ()

    @property
    def dynamic(self) -> bool:
        """Whether the text depends on answers or variables."""
        return any(not isinstance(part, str) for part in (*self.parts, *self.english))

    @property
    def plain(self) -> str:
        """The literal parts."""
        return "".join(part for part in self.parts if isinstance(part, str))

    def of(self, language: str) -> tuple[str | Expression, ...]:
        """Return the parts in ``language``; the original where there is no translation."""
        return self.english if language == "en" and self.english else self.parts

    def __bool__(self) -> bool:
        return bool(self.parts)


@dataclass(frozen=True, slots=True)
class Rule:
    """A setting that is a literal, or a FEEL expression evaluated for each answer."""

    literal: Any = None
    expression: Expression | None = None

    @property
    def given(self) -> bool:
        """Whether the file says anything."""
        return self.expression is not None or self.literal is not None


NOTHING = Rule()
NEVER = Rule(False)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is stored, what is shown, and what else people write for it."""

    value: str | Decimal | bool
    label: str
    english: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The value as a page sends it."""
        return option_key(self.value)

    def text(self, language: str) -> str:
        """The label in ``language``."""
        return self.english if language == "en" and self.english else self.label


def option_key(value: object) -> str:
    """Return an option's value as text, the way a page sends it (``true``, ``12.5``, ``OUTPUT``)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


@dataclass(frozen=True, slots=True)
class Options:
    """Where the choices come from: the file, a variable (``variable`` is its path) or an expression."""

    static: tuple[Option, ...] = ()
    variable: tuple[str, ...] = ()
    expression: Expression | None = None

    @property
    def dynamic(self) -> bool:
        """Whether the choices are known only when the form is shown."""
        return bool(self.variable) or self.expression is not None


@dataclass(frozen=True, slots=True)
class Validation:
    """What form-js calls ``validate``; the bounds may be expressions."""

    required: bool = False
    min: Rule = NOTHING
    max: Rule = NOTHING
    min_length: Rule = NOTHING
    max_length: Rule = NOTHING
    pattern: str | None = None
    pattern_message: str | None = None
    type: str | None = None

    @property
    def longest(self) -> int:
        """How many characters a text may have, as far as the file alone says it."""
        literal = self.max_length.literal
        return int(literal) if isinstance(literal, Decimal) else DEFAULT_MAX_LENGTH


@dataclass(frozen=True, slots=True)
class Field:
    """One component of the form.

    ``name`` is its dotted path without row numbers (``indicators.target_value``), empty for what keeps no
    answer. ``path`` is the path inside its container (the form, or a row of ``list``). ``hides`` are the
    conditions under which it is hidden, its own and those of the groups around it.
    """

    id: str
    type: str
    name: str = ""
    path: tuple[str, ...] = ()
    list: str = ""
    label: Text = Text()
    description: Text = Text()
    text: Text = Text()
    hides: tuple[Expression, ...] = ()
    readonly: Rule = NEVER
    disabled: Rule = NEVER
    default: Rule = NOTHING
    validation: Validation = Validation()
    options: Options = Options()
    expression: Expression | None = None
    subtype: str = "date"
    time_format: str = "no_timezone"
    decimal_digits: int | None = None
    increment: Decimal | None = None
    serialize_to_string: bool = False
    multiple: bool = False
    accept: str = ""
    prefix: Text = Text()
    suffix: Text = Text()
    outline: bool = True
    row: str = ""
    span: int = 16
    height: int | None = None
    repetitions: int = 1
    add_remove: bool = True
    properties: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Field, ...] = ()

    @property
    def fixed(self) -> bool:
        """Whether nobody types its value: it is computed, or read-only in any case."""
        return self.expression is not None or self.readonly.literal is True or self.disabled.literal is True

    @property
    def is_table(self) -> bool:
        """Whether it is a list that is drawn as one table."""
        return self.type == "dynamiclist" and self.properties.get("widget") == "table"

    @property
    def money(self) -> str | None:
        """The unit in which an amount is shown (``万元``), or None for a number that is no money."""
        return self.properties.get("money") or None

    @property
    def max_rows(self) -> int:
        """The number of rows that a list may have."""
        text = self.properties.get("max-rows", "")
        return int(text) if text.isdigit() and int(text) > 0 else DEFAULT_MAX_ROWS

    def flag(self, name: str) -> bool:
        """Whether the property ``name`` says true."""
        return self.properties.get(name, "").strip().lower() == "true"

    def title(self, language: str = "zh") -> str:
        """The label as the check's sentences name it."""
        label = "".join(part for part in self.label.of(language) if isinstance(part, str))
        return label or (self.path[-1] if self.path else self.id)

    def walk(self) -> Iterator[Field]:
        """Yield the field and everything in it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Form:
    """A form that was read and found sound.

    ``fields`` holds every component that keeps an answer, by name; ``order`` lists those whose value
    follows from others after what they follow from; ``dependents`` maps a name to what must be drawn anew
    when it changes.
    """

    id: str
    sha256: str
    components: tuple[Field, ...]
    fields: Mapping[str, Field]
    order: tuple[str, ...]
    dependents: Mapping[str, frozenset[tuple[str, bool]]]
    findings: tuple[Any, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that answers can have at the top level."""
        return tuple(dict.fromkeys(one.path[0] for one in self.fields.values() if not one.list))

    def columns(self, name: str) -> tuple[Field, ...]:
        """The fields of a row of the list ``name``, in the order of the file."""
        return self._columns.get(name, ())

    @property
    def _columns(self) -> Mapping[str, tuple[Field, ...]]:
        cached: Mapping[str, tuple[Field, ...]] | None = self.__dict__.get("_by_list")
        if cached is None:
            by_list: dict[str, list[Field]] = {}
            for one in self.fields.values():
                if one.list:
                    by_list.setdefault(one.list, []).append(one)
            cached = {name: tuple(some) for name, some in by_list.items()}
            self.__dict__["_by_list"] = cached
        return cached


def pattern_of(path: str) -> str:
    """Return a field's path without its row number: ``indicators.3.unit`` → ``indicators.unit``."""
    return ".".join(part for part in path.split(".") if not part.isdigit())
