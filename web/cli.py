"""The command line ``bihuan``: exit status 0, 1 or 2, sentences to standard error, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click
from sqlalchemy.exc import DBAPIError

from engine.errors import BihuanError
from web.commands.speech import Tool, choose_language, explain, language, option, say, spoken

#: In the order in which the help lists them.
_COMMANDS = {
    "serve": "serving.serve",
    "worker": "serving.worker",
    "demo": "counties.demo",
    "county": "counties.county",
    "account": "accounts.account",
    "upgrade": "counties.upgrade",
    "backup": "backups.backup",
    "restore": "backups.restore",
    "archive": "backups.archive",
    "prune": "backups.prune",
    "deploy": "deploying.deploy",
    "migrate": "migrating.migrate",
    "incidents": "operating.incidents",
    "intervene": "operating.intervene",
    "proposals": "operating.proposals",
    "confirm": "operating.confirm",
    "reindex": "counties.reindex",
    "channel": "channels.channel",
    "doctor": "counties.doctor",
    "verify-history": "counties.verify_history",
    "check": "examining.check",
    "play": "examining.play",
    "simulate": "simulating.simulate",
}

_SENTENCES = {
    "stopped": {"zh": "已中断。", "en": "Interrupted."},
    "database": {"zh": "数据库不能用：{reason}", "en": "The database can't be used: {reason}"},
    "file": {"zh": "{file}：{reason}", "en": "{file}: {reason}"},
    "inside": {
        "zh": "程序内部出错：{reason}。设置环境变量 BIHUAN_DEBUG=1 再运行一次，可看到细节。",
        "en": "Something failed inside the program: {reason}. Run it again with BIHUAN_DEBUG=1 to see where.",
    },
}


@click.group(
    cls=Tool,
    places={name: f"web.commands.{place}" for name, place in _COMMANDS.items()},
    texts={
        "zh": "闭环：县级预算绩效管理的流程引擎和待办。",
        "en": "Bihuan: the process engine and task inbox of county budget performance management.",
    },
    invoke_without_command=True,
)
@option("--version", is_flag=True, zh="显示版本。", en="Show the version.")
@spoken
@click.pass_context
def cli(context: click.Context, version: bool) -> int:
    """Show the help when no command is named."""
    if version:
        from importlib.metadata import version as installed

        click.echo(f"bihuan {installed('bihuan')}")
        context.exit(0)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status: 0 well, 1 examined and wanting, 2 not to be used."""
    choose_language(arguments)
    try:
        return int(cli.main(list(arguments), prog_name="bihuan", standalone_mode=False) or 0)
    except click.UsageError as problem:
        return _fail(explain(problem))
    except click.ClickException as problem:
        return _fail(problem.message)
    except (click.Abort, KeyboardInterrupt):
        return _fail(say(_SENTENCES["stopped"]))
    except BihuanError as problem:
        for found in getattr(problem, "findings", ()):
            click.echo(f"  {found.message.get(language(), '')}", err=True)
        return _fail(problem.message(language()))
    except BrokenPipeError:
        # The reader of our output has left: nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except DBAPIError as problem:
        return _fail(say(_SENTENCES["database"], reason=str(problem.orig).strip()), problem)
    except OSError as problem:
        return _fail(say(_SENTENCES["file"], file=problem.filename or "", reason=problem.strerror), problem)
    except Exception as problem:
        return _fail(say(_SENTENCES["inside"], reason=f"{type(problem).__name__}: {problem}"), problem)


def _fail(message: str, problem: BaseException | None = None) -> int:
    click.echo(message, err=True)
    if problem is not None and os.environ.get("BIHUAN_DEBUG"):
        raise problem
    return 2


if __name__ == "__main__":
    main()
