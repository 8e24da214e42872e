"""Writes the state of an instance as bytes and reads it back.

The first byte is the format. Format 1 is MessagePack, positional: ``[last id, ended, terminated, [scope…]]``,
a scope is ``[id of its token, [token…]]`` with the top scope first (id 0) and outer ones before inner ones,
and a token is ``[id, node, state, flows, attached, loop]``. Nodes and flows are places in the definition's table of
names, or the names themselves where the table lacks them; ``state`` packs the Spiff state, the phase and
whether it is parked; what is empty at the end of a token is left out. Inner scopes are read when a command looks into
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from SpiffWorkflow.util.task import TaskState

from engine.errors import BihuanError
from engine.runtime.definition import flow_name
from engine.runtime.gateways import Inclusive
from engine.runtime.loops import Many
from engine.runtime.spiff import PARKED, LiveToken, Row, Scope

if TYPE_CHECKING:
    from engine.runtime.execution import Execution

FORMAT = b"\x01"

# The states that a live token can have between two commands, by their number in the blob.
_STATES = (TaskState.READY, TaskState.WAITING, TaskState.STARTED)
_NUMBERS = {state: number for number, state in enumerate(_STATES)}

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


def encode(execution: Execution) -> bytes:
    """Return the state as bytes."""
    process = execution.process
    scopes = [
        [
            scope.parent_task_id or 0,
            [*(_row(token, execution) for token in scope.looked_at()), *scope.unread.values()],
        ]
        for scope in process.unfolded()
    ]
    scopes.extend(map(list, process.folded.items()))
    return FORMAT + _encoder.encode([process.last_id, execution.ended, execution.terminated, scopes])


def decode(blob: bytes, execution: Execution) -> None:
    """Put the tokens of a state into a fresh execution.

    Raises :class:`~engine.errors.BihuanError` for a format or a name that this definition doesn't know.
    """
    if blob[:1] != FORMAT:
        raise BihuanError("state.format", format=blob[:1].hex())
    process = execution.process
    process.last_id, execution.ended, execution.terminated, scopes = _decoder.decode(blob[1:])

    def open(parent: LiveToken, rows: list[Row]) -> None:
        _fill(
            Scope(parent.task_spec.inner, parent), rows, execution, unread=isinstance(parent.task_spec, Many)
        )

    (_, top), *inner = scopes
    _fill(process, top, execution)
    process.fold(dict(inner), open)


def _fill(scope: Any, rows: list[Row], execution: Execution, *, unread: bool = False) -> None:
    scope.read = lambda row: _token(row, scope, scope.task_tree, execution)
    scope.unread = {row[0]: row for row in rows}
    if not unread:
        scope.live()


def _row(token: LiveToken, execution: Execution) -> Row:
    spec = token.task_spec
    state = _NUMBERS[token._state] | token.phase << 2 | token.parked * PARKED
    row: Row = [token.id, execution.definition.node_keys[spec], state]
    if token.flows or token.attached or token.loop:
        size = len(spec.process.table)
        flows = [
            flow if flow < size else flow_name(spec.process.id, spec.process.flow_ids[flow])
            for flow in token.flows
        ]
        row.append(flows[0] if len(flows) == 1 else flows)
    if token.attached or token.loop:
        row.append(token.attached)
    if token.loop:
        row.append(token.loop)
    return row


def _token(row: Row, scope: Any, root: LiveToken, execution: Execution) -> LiveToken:
    identifier, key, state, *rest = row
    node = execution.definition.nodes.get(key)
    if node is None:
        raise BihuanError("state.name", name=_name(key, execution))
    token = LiveToken(scope, node, root, _STATES[state & 3], identifier)
    token.phase = state >> 2 & 3
    token.parked = state >= PARKED
    if rest:
        flows = rest[0] if isinstance(rest[0], list) else [rest[0]]
        token.flows = tuple(_flow(flow, token, execution) for flow in flows)
        token.attached = rest[1] if len(rest) > 1 else 0
        token.loop = tuple(rest[2]) if len(rest) > 2 else ()
    if token._state == TaskState.WAITING and isinstance(node, Inclusive):
        execution.undecided.add((scope, node))
    return token


def _flow(key: int | str, token: LiveToken, execution: Execution) -> int:
    process = token.task_spec.process
    if key in process.flow_ids:
        return int(key)
    name = _name(key, execution)
    place = process.flow_index.get(name.removeprefix(flow_name(process.id, "")))
    if place is None:
        raise BihuanError("state.name", name=name)
    return place


def _name(key: int | str, execution: Execution) -> str:
    names = execution.definition.names
    return key if isinstance(key, str) else names[key] if key < len(names) else str(key)
