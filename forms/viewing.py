"""What a page shows of a form: evaluated answers with findings, differences and pinned opinions in place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import feel
from engine.plugins import Finding
from forms.evaluation import State, normal, run
from forms.model import ROW_ID, Field, Form
from forms.paths import MISSING, get
from forms.pins import PinView, as_pin, by_place, place_of, take


@dataclass(frozen=True)
class FormView:
    """Everything that :func:`forms.render` needs; made by :func:`view`."""

    form: Form
    state: State
    findings: Mapping[str, tuple[Finding, ...]]
    readonly: bool
    editable: frozenset[str] | None
    previous: Mapping[str, Any] | None
    pins: Mapping[str, tuple[PinView, ...]]
    new_pins: Mapping[str, tuple[PinView, ...]]
    pinning: str
    owner: str
    replying: bool
    attachments: Mapping[str, Mapping[str, Any]]
    upload_url: str
    refresh_url: str
    prefix: str
    general: tuple[Finding, ...] = ()
    old_rows: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)

    def may_edit(self, name: str, row: str = "") -> bool:
        """Whether a field (in the row with that id) takes input, its own ``readonly`` aside."""
        if self.readonly:
            return False
        if self.editable is None:
            return True
        owner = self.form.fields[name].list if name in self.form.fields else ""
        if not owner:
            return name in self.editable
        return bool(self.editable & {owner, name, place_of(owner, row), place_of(name, row)})

    def may_edit_rows(self, name: str) -> bool:
        """Whether rows of the list ``name`` may be added, removed and moved."""
        return self.form.fields[name].add_remove and self.may_edit(name)

    def old(self, one: Field, row: str = "") -> Any:
        """Return the previous answer of a field, ``MISSING`` where there is nothing to compare with."""
        if self.previous is None:
            return MISSING
        if not one.list:
            value = get(self.previous, one.path)
            return None if value is MISSING else normal(one, value)
        before = self.rows_before(one.list).get(row)
        if before is None:
            return MISSING
        value = get(before, one.path)
        return None if value is MISSING else normal(one, value)

    def rows_before(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the previous rows of a list by their ids."""
        if name not in self.old_rows:
            rows = MISSING if self.previous is None else get(self.previous, self.form.fields[name].path)
            found = (
                [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
            )
            self.old_rows[name] = {str(row.get(ROW_ID, f"r{n}")): row for n, row in enumerate(found, 1)}
        return self.old_rows[name]

    def removed_rows(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Return the previous rows of a list that are gone."""
        now = {row[ROW_ID] for row in self.state.rows(name)}
        return [row for row_id, row in self.rows_before(name).items() if row_id not in now]


def view(
    form: Form,
    answers: Mapping[str, Any],
    variables: Mapping[str, Any],
    env: feel.Environment,
    *,
    findings: Iterable[Finding] = (),
    readonly: bool = False,
    editable: Collection[str] | None = None,
    previous: Mapping[str, Any] | None = None,
    pins: Iterable[Any] = (),
    new_pins: Iterable[Any] = (),
    pinning: str = "",
    owner: str = "task-form",
    replying: bool = False,
    replies: Mapping[str, Any] | None = None,
    attachments: Mapping[str, Mapping[str, Any]] | None = None,
    upload_url: str = "",
    refresh_url: str = "",
    prefix: str = "f",
    state: State | None = None,
) -> FormView:
    """Prepare a form for the page.

    ``readonly`` shows answers as they were saved, as text. ``editable`` names what alone takes input: fields (``overview``),
    whole lists, rows (``indicators.r3``) and cells (``indicators.r3.unit``), see :func:`forms.editable_of`.
    ``previous`` are the answers to compare with. ``pins`` are opinions (objects or mappings with ``id``,
    ``field``, ``row``, ``text`` and, where known, ``author_name``, ``at``, ``reply``); with ``replying``
    each open one has a place to answer, filled from ``replies`` (pin id → ``{"kind", "text"}``).
    ``pinning`` is the document's name when the reader may pin opinions, which are posted with the form element whose id
    is ``owner``; ``new_pins`` are those that were typed but not saved. ``attachments`` tells ``name``,
    ``size`` and ``url`` of each attachment id; ``upload_url`` takes a new file, ``refresh_url`` answers a
    changed field with fragments. ``prefix`` begins all ids, so that several forms can stand in one page.
    ``state`` is the form as it was evaluated already for the same answers, variables and environment.
    """
    if state is None:
        state = run(form, answers, variables, env, saved=readonly)
    by_field: dict[str, list[Finding]] = {}
    general: list[Finding] = []
    for one in findings:
        (general if one.field is None else by_field.setdefault(one.field, [])).append(one)
    given = replies or {}
    return FormView(
        form=form,
        state=state,
        findings={path: tuple(some) for path, some in by_field.items()},
        readonly=readonly,
        editable=None if editable is None else frozenset(editable),
        previous=previous,
        pins=by_place(as_pin(one, given.get(str(take(one, "id")))) for one in pins),
        new_pins=by_place(as_pin(one) for one in new_pins),
        pinning=pinning,
        owner=owner,
        replying=replying,
        attachments={str(key): value for key, value in (attachments or {}).items()},
        upload_url=upload_url,
        refresh_url=refresh_url,
        prefix=prefix,
        general=tuple(general),
    )
