"""The command line's two languages: help, usage errors and sentences, each wholly in Chinese or wholly in English."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from engine.interpreter import loading

LANGUAGES = ("zh", "en")
Sentence = Mapping[str, str]

_language = "zh"

_USAGE: dict[str, Sentence] = {
    "usage": {"zh": "用法：", "en": "Usage: "},
    "options": {"zh": "选项", "en": "Options"},
    "commands": {"zh": "命令", "en": "Commands"},
    "help": {"zh": "显示这份说明。", "en": "Show this text."},
    "lang": {"zh": "说中文（zh）还是英文（en）。", "en": "Speak Chinese (zh) or English (en)."},
    "json": {"zh": "向标准输出写 JSON。", "en": "Write JSON to standard output."},
    "try": {"zh": "说明：{command} --help", "en": "For help: {command} --help"},
    "missing": {"zh": "缺少参数 {name}。", "en": "The argument {name} is missing."},
    "no_option": {"zh": "没有选项 {name}。", "en": "There is no option {name}."},
    "no_command": {"zh": "没有这个命令。", "en": "There is no such command."},
    "choice": {
        "zh": "{name} 的值不能用，可选：{choices}。",
        "en": "That value of {name} can't be used; choose from: {choices}.",
    },
    "number": {"zh": "{name} 的值应是整数。", "en": "The value of {name} must be a whole number."},
    "value": {"zh": "{name} 的值不能用。", "en": "That value of {name} can't be used."},
    "wrong": {"zh": "命令写得不对。", "en": "The command can't be understood."},
}


def language() -> str:
    """Return the language that this run speaks."""
    return _language


def choose_language(arguments: Sequence[str]) -> None:
    """Settle the language before anything is said: ``--lang``, ``BIHUAN_LANG``, then the machine's."""
    global _language
    chosen = os.environ.get("BIHUAN_LANG", "")
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            chosen = arguments[position + 1]
        elif argument.startswith("--lang="):
            chosen = argument.removeprefix("--lang=")
    if chosen not in LANGUAGES:
        chosen = "en" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("en") else "zh"
    _language = chosen


def say(sentence: Sentence, **params: Any) -> str:
    """Return ``sentence`` in the run's language."""
    return sentence[_language].format(**params)


def tell(sentence: Sentence, **params: Any) -> None:
    """Write a sentence for people to standard error."""
    click.echo(say(sentence, **params), err=True)


class _Speaking(click.Command):
    """A command whose help is a text by language."""

    texts: Sentence

    def get_short_help_str(self, limit: int = 120) -> str:  # noqa: ARG002
        return say(self.texts).partition("\n")[0]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(say(self.texts))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(
            ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), say(_USAGE["usage"])
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(say(_USAGE["options"])):
                formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say(_USAGE["help"])
        return option


class Command(_Speaking):
    """A command of the tool."""

    def __init__(self, *args: Any, texts: Sentence, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts


class Group(_Speaking, click.Group):
    """A command with commands."""

    def __init__(self, *args: Any, texts: Sentence, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = self.list_commands(ctx)
        rows = [
            (name, found.get_short_help_str()) for name in names if (found := self.get_command(ctx, name))
        ]
        with formatter.section(say(_USAGE["commands"])):
            formatter.write_dl(rows)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)


class Tool(Group):
    """A command whose commands are imported when they are called: none waits for what only another needs.

    ``places`` gives for each name the module and what it is called there.
    """

    def __init__(self, *args: Any, places: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.places:
            return None
        module, _, name = self.places[cmd_name].rpartition(".")
        with loading():
            found: click.Command = getattr(import_module(module), name)
        return found


class Option(click.Option):
    """An option whose help is a text by language."""

    def __init__(self, *args: Any, texts: Sentence, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = say(self.texts)
        self.show_default = False
        return super().get_help_record(ctx)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(*names: str, zh: str, en: str, **settings: Any) -> Decorator:
    """Give a command an option with help in both languages."""
    return click.option(*names, cls=Option, texts={"zh": zh, "en": en}, **settings)


def spoken(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--lang``, which :func:`choose_language` has read already."""
    return option("--lang", type=click.Choice(LANGUAGES), expose_value=False, **_USAGE["lang"])(command)


def with_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--json``."""
    return option("--json", "as_json", is_flag=True, **_USAGE["json"])(command)


def explain(problem: click.UsageError) -> str:
    """Return what was wrong with the call, and where to read how it goes."""
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):
        return problem.message
    command = problem.ctx.command_path if problem.ctx else "bihuan"
    return f"{_reason(problem)}\n{say(_USAGE['try'], command=command)}"


def _reason(problem: click.UsageError) -> str:
    if isinstance(problem, click.NoSuchOption):
        return say(_USAGE["no_option"], name=problem.option_name)
    if isinstance(problem, click.BadParameter) and problem.param is not None:
        parameter = problem.param
        name = (
            parameter.opts[0] if isinstance(parameter, click.Option) else parameter.make_metavar(problem.ctx)
        )
        if isinstance(problem, click.MissingParameter):
            return say(_USAGE["missing"], name=name)
        if isinstance(parameter.type, click.Choice):
            return say(_USAGE["choice"], name=name, choices=", ".join(map(str, parameter.type.choices)))
        key = "number" if isinstance(parameter.type, click.types.IntParamType) else "value"
        return say(_USAGE[key], name=name)
    if problem.ctx is not None and isinstance(problem.ctx.command, click.Group):
        return say(_USAGE["no_command"])
    return say(_USAGE["wrong"])
