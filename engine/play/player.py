"""Takes the answers of a play in order, moves its clock, and goes on alone where that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.calendar import add_duration
from engine.commands.checking import NewPin, Reply
from engine.errors import BihuanError, InvalidAnswers, Refused
from engine.jobs.work import types
from engine.messages import sentence
from engine.play import messaging
from engine.play.board import Board, Stop, moment, person, told
from engine.play.operations import operate

#: How many steps ``"auto": true`` takes by itself.
AUTO_STEPS = 1_000


class Player:
    """One play: takes the answers in order and moves the clock."""

    def __init__(self, board: Board, answers: Mapping[str, Any]) -> None:
        self.board = board
        self.engine = board.engine
        self.answers = answers
        self.given = board.given
        self.total = len(board.given)
        self.clock = board.clock

    def begin(self, files: Mapping[str, bytes], main: str) -> None:
        """Deploy the files and start the process."""
        deployed = self.engine.deploy(files, actor="system", complete=False)
        process = self.answers.get("process") or deployed.main(main)
        if not isinstance(process, str):
            raise BihuanError("play.bad_file", reason="process")
        variables = self.answers.get("variables") or {}
        if not isinstance(variables, Mapping):
            raise BihuanError("play.bad_file", reason="variables")
        named = (one["by"] for one in self.given if isinstance(one, Mapping) and one.get("by"))
        starter = self.board.starter = str(self.answers.get("by") or next(named, self.board.starter))
        self.board.process = process
        try:
            started = self.engine.start(process, actor=person(starter), variables=variables)
            self.board.instance = started.instance_id
        except Refused as error:
            if error.code != "start.no_none_start":
                raise
            messaging.begin(self.board, process, variables)
        self._work()

    def play(self) -> dict[str, str] | None:
        """Take the answers; then go on alone where that is asked. Return why it could not go on, if so."""
        stop = self.go_on()
        if stop is None:
            return None
        return {"code": stop.code, "message": sentence(stop.code, stop.params, self.board.language)}

    def go_on(self) -> Stop | None:
        """Do what :meth:`play` does, and return the reason itself."""
        try:
            while self.given:
                answer = self.given.pop(0)  # from here on it replaces no handler
                try:
                    self._take(self.total - len(self.given), answer)
                    self._work()
                except Stop:
                    self.given.insert(0, answer)
                    raise
            if self.answers.get("auto"):
                for _ in range(AUTO_STEPS):
                    if not self._step():
                        break
                    self._work()
        except Stop as stop:
            return stop
        return None

    def _work(self) -> None:
        """Run the handlers that are jobs and deliver messages, as a runner beside the engine would."""
        for _ in range(AUTO_STEPS):
            if not self.engine.run_jobs() + self.engine.deliver():
                break
        self.board.find_instance()

    # -- answers -----------------------------------------------------------------------------------------------------

    def _take(self, number: int, answer: Any) -> None:
        if not isinstance(answer, Mapping):
            raise Stop("play.bad_answer", number=number, answer=str(answer))
        short = told(answer)
        try:
            if "operation" in answer:
                operate(self.board, number, answer)
            elif "element" in answer:
                self._complete(number, answer)
            elif "job" in answer:
                self._finish_job(number, answer)
            elif "advance" in answer:
                self._until(add_duration(self.clock.now(), str(answer["advance"])), number)
            elif "until" in answer:
                self._until(moment(answer["until"]), number)
            elif "message" in answer:
                messaging.publish(self.board, number, answer)
            elif "signal" in answer:
                messaging.throw(self.board, number, answer)
            else:
                raise Stop("play.bad_answer", number=number, answer=told(answer))
        except InvalidAnswers as error:
            reasons = [
                f"{one.field or ''} {one.message.get(self.board.language, '')}".strip()
                for one in error.findings
            ]
            reason = " ".join([error.message(self.board.language), *reasons])
            stop = Stop("play.refused", number=number, answer=short, reason=reason)
            stop.findings = error.findings
            raise stop from None
        except BihuanError as error:
            reason = error.message(self.board.language)
            raise Stop("play.refused", number=number, answer=short, reason=reason) from None

    def _complete(self, number: int, answer: Mapping[str, Any]) -> None:
        item, element = self.board.item(number, answer)
        form = answer.get("form")
        if form is not None and not isinstance(form, Mapping):
            raise Stop("play.bad_answer", number=number, answer=told(answer))
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
            actor=self.board.acting(item, answer.get("by")),
            version=item.version,
            outcome=answer.get("outcome"),
            answers=form if form is not None or element.form_id is None else {},
            opinion=str(answer.get("opinion") or ""),
            pins=pins,
            replies=replies,
        )

    def _finish_job(self, number: int, answer: Mapping[str, Any]) -> None:
        job = next((one for one in self.board.jobs("external") if one.type == answer["job"]), None)
        if job is None:
            raise self.board.nothing_fits(number, answer)
        variables = answer.get("variables") or {}
        if not isinstance(variables, Mapping):
            raise Stop("play.bad_answer", number=number, answer=told(answer))
        if "error" in answer:
            self.engine.throw_job_error(job.id, None, str(answer["error"]), variables)
        elif "fail" in answer:
            retries = answer.get("retries")
            if retries is not None and not isinstance(retries, int):
                raise Stop("play.bad_answer", number=number, answer=told(answer))
            self.engine.fail_job(job.id, None, str(answer["fail"]), retries=retries, variables=variables)
        else:
            self.engine.complete_job(job.id, None, variables)

    def _until(self, moment: datetime, number: int) -> None:
        """Move the clock, stopping at each timer on the way."""
        if moment < self.clock.now():
            raise Stop("play.backwards", number=number)
        for _ in range(AUTO_STEPS):
            due = self.board.next_due()
            if due is None or due > moment:
                break
            self.clock.set(max(due, self.clock.now()))
            if not self.engine.run_due(limit=1):
                break
            self._work()
        self.clock.set(moment)

    def _step(self) -> bool:
        """Do the next thing that waits, with nothing typed; tell whether there was one."""
        item = next(iter(self.board.open_items()), None)
        if item is not None:
            self._take(self.total, {"element": item.element, "item": item.item})
            return True
        job = next(iter(self.board.jobs("external")), None)
        if job is not None and job.type in types(self.engine):  # it failed, and rests
            self.clock.set(max(job.leased_until, self.clock.now()))
            return True
        if job is not None:
            self.engine.complete_job(job.id, None, {})
            return True
        due = self.board.next_due() if self.board.jobs("timer") else None
        if due is None:
            return False
        self.clock.set(max(due, self.clock.now()))
        return self.engine.run_due(limit=1) > 0
