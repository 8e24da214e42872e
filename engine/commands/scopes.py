"""Variables in scopes, with Camunda 8's visibility and propagation, and the mapping that FEEL reads them through.

A scope is the process (0), an embedded sub-process, a called process, an activity that repeats or one item of it, or
one waiting element with input mappings; its id is the token's. A name is sought from the inner scope outwards, then
among the documents. A called process sees nothing of its caller but what was handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec

from engine.errors import BihuanError
from engine.values import dump_json, iso, load_json

PROCESS = 0
#: Scopes by their ids, as text.
_unread = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SCALARS = (str, bool, type(None), Decimal)


def plain(value: Any) -> Any:
    """Return a value as it will be read back from the database: numbers ``Decimal``, dates ISO text."""
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, (int, float)):
        return Decimal(str(value))
    if isinstance(value, (date, datetime)):
        return iso(value)
    return load_json(dump_json(value))


def storable(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return variables that can be stored; raises :class:`BihuanError` for what is no JSON."""
    try:
        dump_json(variables)
    except (TypeError, ValueError) as error:
        raise BihuanError("variable.unstorable", reason=str(error)) from None
    return variables


class Scope:
    """One scope: its id, the scope around it, whether it is a process of its own, and its variables.

    That of a multi-instance activity also holds the ``items`` that haven't begun, by their place; None elsewhere.
    ``given`` are the variables of a called process that its caller handed in and that nothing has written since.
    """

    __slots__ = ("given", "id", "isolated", "items", "parent", "values")

    def __init__(
        self,
        id: int,
        parent: int | None,
        isolated: bool,
        values: dict[str, Any],
        items: dict[str, Any] | None = None,
        given: Iterable[str] = (),
    ) -> None:
        self.id = id
        self.parent = parent
        self.isolated = isolated
        self.values = values
        self.items = items
        self.given = set(given)

    def as_data(self) -> list[Any]:
        """Return it for the state; what it doesn't have is left out at the end."""
        found: list[Any] = [self.parent, self.isolated, self.values]
        if self.items is not None or self.given:
            found.append(self.items)
        if self.given:
            found.append(sorted(self.given))
        return found


class _Open(dict[int, Scope]):
    """Open scopes by their ids, each read when it is looked at: of hundreds of items a command looks at one or two."""

    def __init__(self, text: str = "{}") -> None:
        super().__init__()
        self.unread: dict[int, msgspec.Raw] = {int(id): raw for id, raw in _unread.decode(text).items()}

    def __missing__(self, id: int) -> Scope:
        parent, isolated, values, *more = load_json(bytes(self.unread.pop(id)))
        found = self[id] = Scope(id, None if parent is None else int(parent), isolated, values, *more)
        return found

    def __contains__(self, id: object) -> bool:
        return super().__contains__(id) or id in self.unread

    def __delitem__(self, id: int) -> None:
        if self.unread.pop(id, None) is None:
            super().__delitem__(id)

    def as_data(self) -> dict[str, Any]:
        """Return all of them for the state; what was not read is as it was."""
        data: dict[str, Any] = {str(id): scope.as_data() for id, scope in self.items()}
        data.update((str(id), raw) for id, raw in self.unread.items())
        return data


class Scopes:
    """All scopes of an instance; ``written`` gathers what a command set, for its history."""

    def __init__(self, scopes: _Open) -> None:
        self.scopes = scopes
        self.changed = False
        self.written: dict[str, Any] = {}

    @classmethod
    def new(cls, values: Mapping[str, Any]) -> Scopes:
        """Return the scopes of a new instance that starts with ``values``."""
        scopes = cls(_Open())
        scopes.scopes[PROCESS] = Scope(PROCESS, None, True, {})
        for name, value in values.items():
            scopes.assign(PROCESS, name, plain(value))
        return scopes

    @classmethod
    def load(cls, text: str) -> Scopes:
        """Read what :meth:`dump` wrote."""
        return cls(_Open(text))

    def dump(self) -> str:
        """Return all scopes as JSON."""
        return dump_json(self.scopes.as_data())

    def all(self) -> list[Scope]:
        """Return all open scopes."""
        for id in list(self.scopes.unread):
            self.scopes[id]
        return list(self.scopes.values())

    def find(self, id: int) -> Scope | None:
        """Return an open scope, None where there is none with this id."""
        if id not in self.scopes:
            return None
        return self.scopes[id]

    def open(
        self,
        id: int,
        parent: int,
        *,
        isolated: bool = False,
        values: Mapping[str, Any] | None = None,
        items: dict[str, Any] | None = None,
        given: Iterable[str] = (),
    ) -> None:
        """Begin the scope of a token inside ``parent``; ``items`` and ``given`` are those of :class:`Scope`."""
        self.scopes[id] = Scope(id, parent, isolated, dict(values or {}), items, given)
        self.changed = True

    def close(self, id: int) -> None:
        """End a scope, if there is one."""
        if id != PROCESS and id in self.scopes:
            del self.scopes[id]
            self.changed = True

    def nearest(self, token: int, scope: int) -> int:
        """Return the scope of a token's own element if it has one, else the scope around it."""
        return token if token in self.scopes else scope

    def has_documents(self, scope: Scope) -> bool:
        """Tell whether documents that are saved inside a scope are its own: a process, or one item of several."""
        return scope.isolated or (scope.parent is not None and self.scopes[scope.parent].items is not None)

    def document_scope(self, id: int) -> int:
        """Return the scope to which documents belong that are saved at ``id``."""
        scope = self.scopes[id]
        while not self.has_documents(scope) and scope.parent is not None:
            scope = self.scopes[scope.parent]
        return scope.id

    def items_around(self, id: int) -> tuple[int, ...]:
        """Return the scopes of the items of multi-instance activities around ``id``, outer ones first."""
        chain = list(self.chain(id, through=True))
        return tuple(one.id for one, around in reversed(list(pairwise(chain))) if around.items is not None)

    def chain(self, id: int, *, through: bool = False) -> Iterator[Scope]:
        """Yield the scopes that are visible from ``id``, inner ones first; ``through`` doesn't stop at a called process."""
        scope: Scope | None = self.scopes[id]
        while scope is not None:
            yield scope
            if scope.parent is None or (scope.isolated and not through):
                return
            scope = self.scopes[scope.parent]

    def assign(self, id: int, target: str, value: Any) -> None:
        """Set a variable in this very scope; a dotted target sets a member of a context."""
        values = self.scopes[id].values
        name, *members = target.split(".")
        self.scopes[id].given.discard(name)
        if members:
            whole = dict(values.get(name) or {})
            inner = whole
            for member in members[:-1]:
                below = inner.get(member)
                inner[member] = dict(below) if isinstance(below, Mapping) else {}
                inner = inner[member]
            inner[members[-1]] = value
            value = whole
        values[name] = value
        self.written[name] = value
        self.changed = True

    def propagate(self, id: int, target: str, value: Any) -> None:
        """Set a variable where it is found from ``id`` outwards, else in the process's own scope (Camunda 8's rule)."""
        name = target.split(".")[0]
        scope = self.scopes[id]
        while name not in scope.values and scope.parent is not None and not scope.isolated:
            scope = self.scopes[scope.parent]
        self.assign(scope.id, target, value)

    def visible(self, id: int, *, counts: bool = True) -> dict[str, Any]:
        """Return all variables that are visible from ``id``; without ``counts`` not those of a multi-instance as a whole:
        its counts, and the outputs so far."""
        found: dict[str, Any] = {}
        for scope in self.chain(id):
            if scope.items is not None and not counts:
                continue
            for name, value in scope.values.items():
                found.setdefault(name, value)
        return found


_MISSING = object()


class Names(Mapping[str, Any]):
    """What an expression may name at a place: ``local`` results, scopes, documents (read when named), special names.

    ``document`` returns the newest body of a document by name, or raises :class:`KeyError`; ``documents`` lists those that
    exist. ``declared`` names are null while nothing has given them a value.
    """

    def __init__(
        self,
        scopes: Scopes,
        id: int,
        document: Callable[[str], Any],
        documents: Callable[[], frozenset[str]],
        special: Mapping[str, Any],
        declared: frozenset[str] = frozenset(),
        local: Mapping[str, Any] | None = None,
        *,
        through: bool = False,
    ) -> None:
        self._scopes = scopes
        self._id = id
        self._document = document
        self._documents = documents
        self._special = special
        self._declared = declared
        self._local = local or {}
        self._through = through

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default`` where nothing has that name."""
        if key in self._local:
            return self._local[key]
        for scope in self._scopes.chain(self._id, through=self._through):
            if key in scope.values:
                return scope.values[key]
        if key in self._special:
            return self._special[key]
        try:
            return self._document(key)
        except KeyError:
            return None if key in self._declared else default

    def __getitem__(self, key: str) -> Any:
        value = self.get(key, _MISSING)
        if value is _MISSING:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(self._local)
        for scope in self._scopes.chain(self._id, through=self._through):
            names.update(dict.fromkeys(scope.values))
        names.update(dict.fromkeys(sorted(self._documents())))
        names.update(dict.fromkeys(self._special))
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)
