"""Plays a process through with prepared answers: the real engine, on a database in memory, with a clock that is stepped.

The shapes of answers and result are those of ``bihuan play`` (docs/contracts.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import history, tables
from engine.bpmn.model import UserTask
from engine.calendar import ZONE, SteppedClock, SystemClock, add_duration, fill_working_days, parse_time
from engine.commands.checking import NewPin, Reply
from engine.commands.complete import user_task
from engine.commands.loading import Item, load_instance, load_item
from engine.database import Database, upgrade
from engine.engine import Engine
from engine.errors import BihuanError, InvalidAnswers, Refused
from engine.folder import belonging
from engine.identity import Actor
from engine.jobs.work import types
from engine.messages import sentence
from engine.plugins import Handler
from engine.values import load_json

#: How many steps ``"auto": true`` takes by itself.
AUTO_STEPS = 1_000


def play(
    files: Mapping[str, bytes],
    main: str,
    answers: Mapping[str, Any],
    plugins: Any,
    language: str = "zh",
) -> dict[str, Any]:
    """Play the process of ``files[main]`` with ``answers`` and return where it went and where it stands.

    ``files`` are the files of its folder by name. A file that can't be deployed, and answers that can't be used, give a
    result with the state ``refused``; an answer that fits nothing open, or is refused, ends the play. In both cases
    ``error`` says why, and the answers not taken are ``unused``.
    """
    given = list(answers.get("answers") or [])
    database = Database.in_memory()
    try:
        upgrade(database, plugins)
        player = _Player(database, answers, given, plugins, language)
        try:
            player.begin(belonging(files, main, plugins), main)
        except BihuanError as error:
            return _refused(error, given, language)
        player.play()
        return player.result()
    finally:
        database.close()


def _refused(error: BihuanError, given: Sequence[Any], language: str) -> dict[str, Any]:
    found = error.findings if isinstance(error, Refused) else ()
    reasons = [one.message.get(language, "") for one in found if one.blocks]
    return {
        "state": "refused",
        "path": [],
        "variables": {},
        "documents": {},
        "open": [],
        "timers": [],
        "subscriptions": [],
        "jobs": [],
        "incidents": [],
        "unused": list(given),
        "error": {"code": error.code, "message": " ".join([error.message(language), *reasons])},
    }


class _Handlers(dict[str, Handler]):
    """The handlers that run for real: not those for which an answer still stands in."""

    def __init__(self, real: Mapping[str, Handler], given: Sequence[Any]) -> None:
        super().__init__(real)
        self._given = given

    def __contains__(self, type: object) -> bool:
        replaced = any(isinstance(one, Mapping) and one.get("job") == type for one in self._given)
        return super().__contains__(type) and not replaced


class _Stop(Exception):
    """The play can't go on; ``error`` says why."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class _Player:
    """One play: takes the answers in order, moves the clock, and reports."""

    def __init__(
        self, database: Database, answers: Mapping[str, Any], given: list[Any], plugins: Any, language: str
    ) -> None:
        self.answers = answers
        self.given = given
        self.total = len(given)
        self.language = language
        self.clock = SteppedClock(_start(answers.get("now")))
        self.engine = Engine(database, plugins=plugins, clock=self.clock)
        self.engine.catalogue.handlers = _Handlers(self.engine.catalogue.handlers, given)
        self.error: dict[str, str] | None = None
        self.instance = 0
        database.retry(fill_working_days)

    def begin(self, files: Mapping[str, bytes], main: str) -> None:
        """Deploy the files and start the process."""
        deployed = self.engine.deploy(files, actor="system", complete=False)
        process = self.answers.get("process") or deployed.main(main)
        if not isinstance(process, str):
            raise BihuanError("play.bad_file", reason="process")
        variables = self.answers.get("variables") or {}
        if not isinstance(variables, Mapping):
            raise BihuanError("play.bad_file", reason="variables")
        starter = self.answers.get("by") or next(
            (one["by"] for one in self.given if isinstance(one, Mapping) and one.get("by")), "user:initiator"
        )
        started = self.engine.start(process, actor=_person(str(starter)), variables=variables)
        self.instance = started.instance_id
        self._work()

    def play(self) -> None:
        """Take the answers; then go on alone where that is asked."""
        try:
            while self.given:
                answer = self.given.pop(0)  # from here on it replaces no handler
                try:
                    self._take(self.total - len(self.given), answer)
                    self._work()
                except _Stop:
                    self.given.insert(0, answer)
                    raise
            if self.answers.get("auto"):
                for _ in range(AUTO_STEPS):
                    if not self._step():
                        break
                    self._work()
        except _Stop as stop:
            self.error = {"code": stop.code, "message": sentence(stop.code, stop.params, self.language)}

    def _work(self) -> None:
        """Run the handlers that are jobs, as a runner beside the engine would."""
        for _ in range(AUTO_STEPS):
            if not self.engine.run_jobs():
                return

    # -- answers -----------------------------------------------------------------------------------------------------

    def _take(self, number: int, answer: Any) -> None:
        if not isinstance(answer, Mapping):
            raise _Stop("play.bad_answer", number=number, answer=str(answer))
        told = _told(answer)
        try:
            if "operation" in answer:
                self._operate(number, answer, told)
            elif "element" in answer:
                self._complete(number, answer, told)
            elif "job" in answer:
                self._finish_job(number, answer, told)
            elif "advance" in answer:
                self._until(add_duration(self.clock.now(), str(answer["advance"])), number)
            elif "until" in answer:
                self._until(_start(answer["until"]), number)
            elif "message" in answer or "signal" in answer:
                raise self._nothing_fits(number, told)
            else:
                raise _Stop("play.bad_answer", number=number, answer=told)
        except InvalidAnswers as error:
            reasons = [
                f"{one.field or ''} {one.message.get(self.language, '')}".strip() for one in error.findings
            ]
            reason = " ".join([error.message(self.language), *reasons])
            raise _Stop("play.refused", number=number, answer=told, reason=reason) from None
        except BihuanError as error:
            reason = error.message(self.language)
            raise _Stop("play.refused", number=number, answer=told, reason=reason) from None

    def _complete(self, number: int, answer: Mapping[str, Any], told: str) -> None:
        item, element = self._item(number, answer, told)
        form = answer.get("form")
        if form is not None and not isinstance(form, Mapping):
            raise _Stop("play.bad_answer", number=number, answer=told)
        if (
            form is not None
            and set(form) == {element.document}
            and isinstance(form[element.document], Mapping)
        ):
            form = form[element.document]
        pins = [
            NewPin(pin["document"], pin["field"], pin.get("row"), pin["text"])
            for pin in answer.get("pins", ())
        ]
        replies = {
            int(id): Reply(reply["kind"], reply.get("text", ""))
            for id, reply in (answer.get("replies") or {}).items()
        }
        self.engine.complete(
            item.id,
            actor=_holder(item, answer.get("by")),
            version=item.version,
            outcome=answer.get("outcome"),
            answers=form if form is not None or element.form_id is None else {},
            opinion=str(answer.get("opinion") or ""),
            pins=pins,
            replies=replies,
        )

    def _operate(self, number: int, answer: Mapping[str, Any], told: str) -> None:
        item, _ = self._item(number, answer, told)
        actor, version = _holder(item, answer.get("by")), item.version
        operation = answer["operation"]
        if operation == "claim":
            self.engine.claim(item.id, actor=actor, version=version)
        elif operation == "unclaim":
            self.engine.unclaim(item.id, actor=actor, version=version)
        else:
            raise _Stop("play.unsupported", number=number, operation=str(operation))

    def _finish_job(self, number: int, answer: Mapping[str, Any], told: str) -> None:
        job = next((one for one in self._jobs("external") if one.type == answer["job"]), None)
        if job is None:
            raise self._nothing_fits(number, told)
        variables = answer.get("variables") or {}
        if not isinstance(variables, Mapping):
            raise _Stop("play.bad_answer", number=number, answer=told)
        if "error" in answer:
            self.engine.throw_job_error(job.id, None, str(answer["error"]), variables)
        elif "fail" in answer:
            retries = answer.get("retries")
            if retries is not None and not isinstance(retries, int):
                raise _Stop("play.bad_answer", number=number, answer=told)
            self.engine.fail_job(job.id, None, str(answer["fail"]), retries=retries, variables=variables)
        else:
            self.engine.complete_job(job.id, None, variables)

    def _until(self, moment: datetime, number: int) -> None:
        """Move the clock, stopping at each timer on the way."""
        if moment < self.clock.now():
            raise _Stop("play.backwards", number=number)
        for _ in range(AUTO_STEPS):
            due = next((one.due_at for one in self._jobs("timer") if one.due_at <= moment), None)
            if due is None:
                break
            self.clock.set(max(due, self.clock.now()))
            if not self.engine.run_due(limit=1):
                break
            self._work()
        self.clock.set(moment)

    def _item(self, number: int, answer: Mapping[str, Any], told: str) -> tuple[Item, UserTask]:
        """Return the open item that an answer means."""
        named = [item for item in self._open() if item.element == answer.get("element")]
        wanted = answer.get("item", 0)
        item = next((one for one in named if one.item == wanted), None)
        if item is None:
            raise self._nothing_fits(number, told)
        with self.engine.database.read() as unit:
            item, act = load_item(self.engine.ports, unit, item.id, "system", lock=False)
            return item, user_task(act, item)

    def _nothing_fits(self, number: int, told: str) -> _Stop:
        open_now = [item.element for item in self._open()]
        open_now += [f"job {job.type}" for job in self._jobs("external")]
        open_now += [f"timer {job.element}" for job in self._jobs("timer")]
        return _Stop("play.no_fit", number=number, answer=told, open=", ".join(open_now) or "—")

    def _step(self) -> bool:
        """Do the next thing that waits, with nothing typed; tell whether there was one."""
        item = next(iter(self._open()), None)
        if item is not None:
            self._take(self.total, {"element": item.element, "item": item.item})
            return True
        job = next(iter(self._jobs("external")), None)
        if job is not None and job.type in types(self.engine):  # it failed, and rests
            self.clock.set(max(job.leased_until, self.clock.now()))
            return True
        if job is not None:
            self.engine.complete_job(job.id, None, {})
            return True
        timer = next(iter(self._jobs("timer")), None)
        if timer is None:
            return False
        self.clock.set(max(timer.due_at, self.clock.now()))
        return self.engine.run_due(limit=1) > 0

    # -- what is there -----------------------------------------------------------------------------------------------

    def _open(self) -> list[Item]:
        table = tables.work_items.c
        query = select(tables.work_items).where(table.instance_id == self.instance, table.state == "open")
        with self.engine.database.read() as unit:
            return [Item(row) for row in unit.execute(query.order_by(table.id))]

    def _jobs(self, kind: str) -> Sequence[Any]:
        table = tables.jobs.c
        query = select(tables.jobs).where(
            table.instance_id == self.instance, table.kind == kind, table.state == "open"
        )
        with self.engine.database.read() as unit:
            return unit.execute(query.order_by(table.due_at, table.id)).all()

    def result(self) -> dict[str, Any]:
        """Return where the process went and stands, in the shape of the contract."""
        table = tables.incidents.c
        incidents = select(tables.incidents).where(table.instance_id == self.instance, table.state == "open")
        items = self._open()
        with self.engine.database.read() as unit:
            act = load_instance(self.engine.ports, unit, self.instance, "system", lock=False)
            events = [load_json(row.body) for row in history.events_of(unit, self.instance)]
            failed = unit.execute(incidents.order_by(table.id)).all()
            tasks = [user_task(act, item) for item in items]
        found: dict[str, Any] = {
            "state": act.instance.state,
            "path": [element for body in events for element in body.get("path", ())],
            "variables": act.scopes.visible(0),
            "documents": {name: head.version for scope, name, head in act.progress.heads() if scope == 0},
            "open": [
                {
                    "element": item.element,
                    "item": item.item,
                    "name": item.step,
                    "candidates": item.candidates,
                    "assignee": item.assignee,
                    "due": _local(item.due_at),
                    "form": task.form_id,
                    "priority": item.priority,
                }
                for item, task in zip(items, tasks, strict=True)
            ],
            "timers": [{"element": job.element, "due": _local(job.due_at)} for job in self._jobs("timer")],
            "subscriptions": [],
            "jobs": [{"type": job.type, "element": job.element} for job in self._jobs("external")],
            "incidents": [_incident(row, self.language) for row in failed],
            "unused": list(self.given),
        }
        if self.error is not None:
            found["error"] = self.error
        return found


def _incident(row: Any, language: str) -> dict[str, Any]:
    params = {"element": row.element, **load_json(row.params)}
    return {"element": row.element, "code": row.code, "message": sentence(row.code, params, language)}


def _start(text: Any) -> datetime:
    """Return a moment of the answers; without one, the host's time."""
    if text is None:
        return SystemClock().now()
    found = parse_time(str(text))
    if not isinstance(found, datetime):
        found = datetime.combine(found, datetime.min.time())
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _local(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(ZONE).isoformat()


def _person(principal: str) -> Actor:
    person = principal.removeprefix("user:")
    return Actor(person, person, frozenset({f"user:{person}"}))


def _holder(item: Item, by: Any) -> Actor:
    """Return who answers for an item.

    Nobody has posts in a play, so whoever is named holds the roles that the item asks for; but what is for certain people
    is for them only. Where an answer names nobody, somebody does it who may, another person at each step.
    """
    principals = {one for one in item.candidates if not one.startswith("user:")}
    if by:
        person = str(by).removeprefix("user:")
    else:
        named = [one for one in (item.assignee, *item.candidates) if one and one.startswith("user:")]
        person = named[0].removeprefix("user:") if named else f"player.{item.element}"
    return Actor(person, person, frozenset({f"user:{person}", *principals}))


def _told(answer: Mapping[str, Any]) -> str:
    """Return an answer in short, for a message."""
    return ", ".join(f"{key}: {value}" for key, value in _short(answer))


def _short(answer: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in (
        "operation",
        "element",
        "item",
        "by",
        "outcome",
        "job",
        "message",
        "signal",
        "advance",
        "until",
    ):
        if key in answer:
            yield key, answer[key]
