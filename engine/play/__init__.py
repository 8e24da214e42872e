"""Plays a process through with prepared answers: the real engine, on a database in memory, with a stepped clock.

The shapes of answers and result are those of ``bihuan play`` (docs/contracts.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import BihuanError
from engine.folder import belonging
from engine.memory import empty_county
from engine.play.board import Board
from engine.play.player import Player
from engine.play.report import refused, report

__all__ = ["play"]


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
    database = empty_county(plugins)
    try:
        board = Board(database, answers, given, plugins, language)
        player = Player(board, answers)
        try:
            player.begin(belonging(files, main, plugins), main)
        except BihuanError as error:
            return refused(error, given, language)
        return report(board, player.play())
    finally:
        database.close()
