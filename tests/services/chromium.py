"""A Chromium to drive: the system's, else the one that the npm package ``@sparticuz/chromium`` carries."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import CACHE, npm

PACKAGE = "@sparticuz/chromium"
VERSION = "153.0.0"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Unpacks Brotli with Node, which has it built in (Python has not).
UNPACK = """
const {createReadStream, createWriteStream} = require('node:fs');
const {createBrotliDecompress} = require('node:zlib');
const {pipeline} = require('node:stream/promises');
pipeline(createReadStream(process.argv[1]), createBrotliDecompress(), createWriteStream(process.argv[2]))
  .catch((error) => { console.error(error.message); process.exit(1); });
"""
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb")


class ChromiumUnavailable(RuntimeError):
    """No Chromium can be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """Where the program is, and the environment and arguments that it needs."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ARGUMENTS


def find() -> Chromium:
    """Return the Chromium to use: ``$BIHUAN_CHROMIUM``, the system's, or the fetched one.

    Raises :class:`ChromiumUnavailable`.
    """
    named = os.environ.get("BIHUAN_CHROMIUM")
    if named == "fetch":
        return fetch()
    if named:
        return Chromium(Path(named))
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return Chromium(Path(path))
    return fetch()


def fetch() -> Chromium:
    """Install the npm package into the cache, unpack what it carries, and return it; quick when done before."""
    folder = CACHE / f"chromium-{VERSION}"
    program = folder / "chromium"
    if not program.is_file():
        partial = CACHE / f"chromium-{VERSION}.{os.getpid()}"
        try:
            _install(partial)
            if not program.is_file():  # another process may have been faster
                shutil.rmtree(folder, ignore_errors=True)
                partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    libraries = os.pathsep.join([str(folder / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]).rstrip(
        os.pathsep
    )
    environment = {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(folder / "fonts")}
    arguments = (*ARGUMENTS, "--no-zygote", "--in-process-gpu", "--disable-webgl")
    return Chromium(program, environment, arguments)


def _install(folder: Path) -> None:
    """Fill ``folder`` with the program, its libraries and fonts, then drop the packed files."""
    try:
        packed = npm.install(folder, PACKAGE, VERSION) / "bin"
        npm.run("node", "-e", UNPACK, str(packed / "chromium.br"), str(folder / "chromium"), folder=folder)
        (folder / "chromium").chmod(0o755)
        # al2023: the shared libraries (NSS and others) that a bare machine lacks.
        for archive in ("al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br"):
            tar = folder / archive.removesuffix(".br")
            npm.run("node", "-e", UNPACK, str(packed / archive), str(tar), folder=folder)
            # Python 3.11.0 to 3.11.3 have no filters yet.
            safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            shutil.unpack_archive(tar, folder, **safely)
            tar.unlink()
    except npm.NpmUnavailable as reason:
        raise ChromiumUnavailable(
            f"no Chromium on this machine, and none to be fetched: {reason}"
        ) from reason
    shutil.rmtree(folder / "node_modules")


def version(chromium: Chromium) -> str:
    """Return what the program says of itself; raises :class:`ChromiumUnavailable` when it can't run."""
    done = subprocess.run(
        [str(chromium.path), "--version", "--no-sandbox"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **chromium.environment},
    )
    if done.returncode:
        raise ChromiumUnavailable(f"{chromium.path}: {done.stderr.strip()}")
    return done.stdout.strip()
