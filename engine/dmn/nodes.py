"""The parts of a decision model as the file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.dmn.errors import DmnError


@dataclass(frozen=True, slots=True)
class Part:
    """Something in the file: its id (or name) and line, for messages."""

    element: str | None = field(default=None, kw_only=True)
    line: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Boxed(Part):
    """A boxed expression; ``type_ref`` is the type that its value must have."""

    type_ref: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class LiteralBox(Boxed):
    """FEEL text."""

    text: str


@dataclass(frozen=True, slots=True)
class BrokenBox(Boxed):
    """A boxed expression that can't be read; using it raises the error."""

    error: DmnError


@dataclass(frozen=True, slots=True)
class Variable(Part):
    """A name with a type."""

    name: str
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class ContextBox(Boxed):
    """Entries in order; an entry without variable is the result."""

    entries: tuple[tuple[Variable | None, Boxed], ...]


@dataclass(frozen=True, slots=True)
class ListBox(Boxed):
    """Items in order."""

    items: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True)
class RelationBox(Boxed):
    """Rows of cells under named columns."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, slots=True)
class InvocationBox(Boxed):
    """A function and its arguments by parameter name."""

    function: Boxed
    bindings: tuple[tuple[str, Boxed], ...]


@dataclass(frozen=True, slots=True)
class FunctionBox(Boxed):
    """A function: parameters and body; ``kind`` is FEEL, Java or PMML."""

    parameters: tuple[Variable, ...]
    body: Boxed | None
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True)
class ConditionalBox(Boxed):
    """if, then, else."""

    condition: Boxed
    then: Boxed
    otherwise: Boxed


@dataclass(frozen=True, slots=True)
class FilterBox(Boxed):
    """A list and the condition of its items."""

    source: Boxed
    match: Boxed


@dataclass(frozen=True, slots=True)
class IteratorBox(Boxed):
    """for, some or every."""

    kind: str
    variable: str
    source: Boxed
    body: Boxed


@dataclass(frozen=True, slots=True)
class TableInput(Part):
    """An input column."""

    label: str
    expression: LiteralBox
    values: str | None = None


@dataclass(frozen=True, slots=True)
class TableOutput(Part):
    """An output column."""

    name: str | None
    label: str
    type_ref: str | None
    values: str | None = None
    default: LiteralBox | None = None


@dataclass(frozen=True, slots=True)
class TableRule(Part):
    """A row: input entries, output entries, annotations."""

    inputs: tuple[LiteralBox, ...]
    outputs: tuple[LiteralBox, ...]
    annotations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableBox(Boxed):
    """A decision table; ``policy`` is U A P F R O C, ``aggregator`` one of ``+ < > #`` or empty."""

    inputs: tuple[TableInput, ...]
    outputs: tuple[TableOutput, ...]
    rules: tuple[TableRule, ...]
    policy: str = "U"
    aggregator: str = ""
    label: str = ""
    annotations: tuple[str, ...] = ()
    """The names of the annotation columns, as far as the file gives them."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a decision or a knowledge model needs: references to inputs, decisions and knowledge."""

    inputs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputData(Part):
    """An input of the model."""

    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, slots=True)
class Decision(Part):
    """A decision with its logic."""

    id: str
    name: str
    variable: Variable
    requirements: Requirements
    logic: Boxed | None


@dataclass(frozen=True, slots=True)
class Knowledge(Part):
    """A business knowledge model: a function."""

    id: str
    name: str
    variable: Variable
    requirements: Requirements
    logic: FunctionBox | None


@dataclass(frozen=True, slots=True)
class Service(Part):
    """A decision service: decisions offered as one function."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemDefinition(Part):
    """A declared type."""

    name: str
    type_ref: str | None
    collection: bool
    components: tuple[ItemDefinition, ...]
    allowed: str | None = None
    constraint: str | None = None
    parameters: tuple[Variable, ...] | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Import(Part):
    """Another model that is used under a name; an empty name adds its parts without one."""

    namespace: str
    name: str


DrgElement = InputData | Decision | Knowledge | Service


@dataclass(frozen=True, slots=True)
class File:
    """A whole file."""

    id: str
    name: str
    namespace: str
    imports: tuple[Import, ...]
    items: tuple[ItemDefinition, ...]
    elements: Mapping[str, DrgElement]
    problems: tuple[DmnError, ...] = ()
