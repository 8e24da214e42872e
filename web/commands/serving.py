"""``bihuan serve`` and ``bihuan worker``: the processes that run in a county hall all year."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from types import FrameType

import click
from flask import Flask
from waitress.server import create_server

from engine.database import Home
from engine.interpreter import loading, serve_many
from engine.jobs import Runner
from engine.jobs.runner import THREADS
from web.commands.counties import at_home, no_county, open_home
from web.commands.processes import Processes, Work
from web.commands.speech import Command, option, say, spoken, tell
from web.counties import Counties

#: So many connections may be open at once: a browser keeps up to six, and two hundred people work in a county hall.
#: Who comes later waits until another one is closed, so those that nobody uses are closed soon.
CONNECTIONS, IDLE_SECONDS = 2_000, 45

_SENTENCES = {
    "ready": {
        "zh": "闭环已启动：{url}\n按 Ctrl+C 停止。",
        "en": "Bihuan is running: {url}\nPress Ctrl+C to stop.",
    },
    "busy": {
        "zh": "{host}:{port} 不能用：{reason}。换一个端口：--port。",
        "en": "{host}:{port} can't be used: {reason}. Choose another port: --port.",
    },
    "working": {
        "zh": "后台任务已启动。按 Ctrl+C 停止。",
        "en": "Background work is running. Press Ctrl+C to stop.",
    },
    "no_celery": {
        "zh": "没有安装 Celery：pip install 'bihuan[cluster]'。",
        "en": "Celery isn't installed: pip install 'bihuan[cluster]'.",
    },
    "one_process": {
        "zh": "这个系统不能由几个进程共用一个地址，请不用 --processes。",
        "en": "This system can't share an address between processes; leave out --processes.",
    },
    "stopped": {"zh": "已停止。", "en": "Stopped."},
}


@click.command(
    cls=Command, texts={"zh": "启动网页和后台任务。", "en": "Serve the pages and run background work."}
)
@option(
    "--host",
    default="127.0.0.1",
    zh="监听地址（默认 127.0.0.1）。",
    en="The address to listen on (127.0.0.1).",
)
@option("--port", type=int, default=8000, zh="端口（默认 8000）。", en="The port (8000).")
@option(
    "--threads", type=int, default=8, zh="同时处理的请求数（默认 8）。", en="Requests served at once (8)."
)
@option(
    "--no-worker",
    is_flag=True,
    zh="不运行后台任务（另有 bihuan worker 时）。",
    en="Run no background work (where bihuan worker runs).",
)
@option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    zh="用几个进程（默认 1）：上百人同时使用时，取处理器的个数；后台任务另占一个进程。",
    en="In how many processes (1); where hundreds work at once, one a processor. Background work has one of its own.",
)
@at_home
@spoken
def serve(
    host: str,
    port: int,
    threads: int,
    no_worker: bool,
    processes: int,
    folder: str,
    database_url: str | None,
) -> int:
    """Serve until told to stop; 2 when the address can't be used, or the machine has no way to share it."""
    if processes > 1 and not hasattr(os, "fork"):
        tell(_SENTENCES["one_process"])
        return 2
    open_home(folder, database_url).close()  # says what is wrong with the folder before anything listens
    try:
        listening = _take(host, port, listen=processes > 1)
    except OSError as problem:
        return _busy(host, port, problem)
    ready = f"http://{_shown(host)}:{listening.getsockname()[1]}/"

    def pages(*, working: bool, ready: str = "") -> int:
        return _pages(open_home(folder, database_url), listening, threads, working=working, ready=ready)

    if processes == 1:
        _end_on_signal()
        try:
            status = pages(working=not no_worker, ready=ready)
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise
            return _busy(host, port, problem)  # another server that took it, too, was ready earlier
    else:
        works: list[Work] = [
            partial(pages, working=False, ready=ready if place == 0 else "") for place in range(processes)
        ]
        if not no_worker:
            works.append(lambda: _work(open_home(folder, database_url), THREADS))
        status = Processes(works).run()
    listening.close()
    tell(_SENTENCES["stopped"])
    return status


def _busy(host: str, port: int, problem: OSError) -> int:
    """Say that the address can't be used; return the status of the command."""
    tell(_SENTENCES["busy"], host=host, port=port, reason=problem.strerror)
    return 2


def _take(host: str, port: int, *, listen: bool) -> socket.socket:
    """Take an address; without ``listen`` it answers nobody until a server that is ready listens."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if os.name == "posix":  # elsewhere it would let two servers have one address
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        if listen:
            taken.listen()
    except OSError:
        taken.close()
        raise
    return taken


def _pages(home: Home, listening: socket.socket, threads: int, *, working: bool, ready: str) -> int:
    """Serve the pages in this process until told to stop, and work in the background where ``working``."""
    app = _application(home)
    server = create_server(
        app,
        sockets=[listening],
        threads=threads,
        ident="Bihuan",
        connection_limit=_connections(),
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=IDLE_SECONDS // 3,
        asyncore_use_poll=True,
    )
    with ExitStack() as stack:
        if working:
            stack.enter_context(runners(app))
        serve_many()
        if ready:
            tell(_SENTENCES["ready"], url=ready)
        try:
            server.run()
        except (KeyboardInterrupt, SystemExit):
            server.close()
    home.close()
    return 0


def _work(home: Home, threads: int, *, telling: bool = False) -> int:
    """Work in the background in this process until told to stop."""
    with runners(_application(home), threads):
        serve_many()
        if telling:
            tell(_SENTENCES["working"])
        with suppress(KeyboardInterrupt, SystemExit):
            threading.Event().wait()
    home.close()
    return 0


@click.command(
    cls=Command,
    texts={
        "zh": "只运行后台任务：定时器、到期的工作；可以在几台机器上同时运行。",
        "en": "Run background work only: timers and what is due; several may run at once.",
    },
)
@option(
    "--broker",
    envvar="BIHUAN_BROKER",
    metavar="URL",
    zh="由 Celery 分派（redis://…）：可以在许多机器上运行；需要安装 bihuan[cluster]。",
    en="Let Celery hand the work out (redis://…), on many machines; needs bihuan[cluster].",
)
@option("--threads", type=int, default=4, zh="同时做几件（默认 4）。", en="How much is done at once (4).")
@at_home
@spoken
def worker(broker: str | None, threads: int, folder: str, database_url: str | None) -> int:
    """Work until told to stop."""
    home = open_home(folder, database_url)
    if broker:
        return _cluster(home, broker, threads)
    _end_on_signal()
    _work(home, threads, telling=True)
    tell(_SENTENCES["stopped"])
    return 0


def _application(home: Home) -> Flask:
    """Return the application of a home."""
    with loading():
        from web import create_app

        return create_app(home)


@contextmanager
def runners(app: Flask, threads: int = THREADS) -> Iterator[None]:
    """Run the jobs of every county while the block runs, by the engines of ``app``: they make what its pages ask for."""
    counties: Counties = app.extensions["bihuan.counties"]
    codes = list(counties.home.counties())
    if not codes:
        raise click.ClickException(no_county(counties.home))
    with ExitStack() as stack:
        for code in codes:
            stack.enter_context(Runner(counties.engine(code), threads=threads))
        yield


def _cluster(home: Home, broker: str, threads: int) -> int:
    """Run a Celery worker until told to stop."""
    if find_spec("celery") is None:
        raise click.ClickException(say(_SENTENCES["no_celery"]))
    from engine.jobs.cluster import Cluster

    counties: Counties = _application(home).extensions["bihuan.counties"]
    tell(_SENTENCES["working"])
    Cluster(home, broker, counties.engine).work(threads)
    home.close()
    tell(_SENTENCES["stopped"])
    return 0


def _connections() -> int:
    """Let the process have as many files as it needs, and return how many of them may be connections of people."""
    try:
        import resource
    except ImportError:  # Windows, where nothing limits them
        return CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, soft // 2)


def _end_on_signal() -> None:
    """Let SIGTERM end the process in order, as Ctrl+C does."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)


def _shown(host: str) -> str:
    """The address as a browser takes it."""
    if host in {"0.0.0.0", "::", ""}:
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
