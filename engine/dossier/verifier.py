#!/usr/bin/env python3
"""核对卷宗：不需要网络，不需要安装任何软件，只用 Python 3 自带的标准库。

用法：python3 verify.py            （在解开的卷宗文件夹里）
      python3 verify.py 卷宗.zip   （不解开，直接核对）
      python3 verify.py 卷宗.zip 校验码

Checks a dossier offline with Python's standard library alone: every file against the list of hashes, every document,
every attachment, and the chain of events, each of which carries the hash of the one before it. Exit status 0: all is
well, 1: something was changed, 2: it can't be read.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

MANIFEST = "manifest.json"
GENESIS = "0" * 64


class Folder:
    """A dossier that was unpacked."""

    def __init__(self, path: str) -> None:
        self.path = path

    def names(self) -> set[str]:
        """Return the names of all files."""
        found = set()
        for base, _, files in os.walk(self.path):
            for name in files:
                found.add(os.path.relpath(os.path.join(base, name), self.path).replace(os.sep, "/"))
        return found

    def read(self, name: str) -> bytes:
        """Return a file."""
        with open(os.path.join(self.path, *name.split("/")), "rb") as file:
            return file.read()


class Packed:
    """A dossier as one file."""

    def __init__(self, path: str) -> None:
        self.archive = zipfile.ZipFile(path)

    def names(self) -> set[str]:
        """Return the names of all files."""
        return set(self.archive.namelist())

    def read(self, name: str) -> bytes:
        """Return a file."""
        return self.archive.read(name)


def sha256(data: bytes) -> str:
    """Return the sha256 of some bytes as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys and without spaces: the form that is hashed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")


def problems(dossier: Folder | Packed, expected: str | None = None) -> Iterator[str]:
    """Yield in Chinese what is wrong with a dossier."""
    names = dossier.names()
    if MANIFEST not in names:
        yield "没有清单 manifest.json"
        return
    source = dossier.read(MANIFEST)
    if expected is not None and sha256(source) != expected.lower():
        yield "清单的校验码与给出的不一致"
    manifest = json.loads(source.decode("utf-8"))
    listed = manifest["files"]
    for name in sorted(names - set(listed) - {MANIFEST}):
        yield "多出文件：" + name
    for name in sorted(listed):
        if name not in names:
            yield "缺少文件：" + name
        elif sha256(dossier.read(name)) != listed[name]:
            yield "内容被改动：" + name
    for case in manifest["cases"]:
        yield from case_problems(dossier, names, case)


def case_problems(dossier: Folder | Packed, names: set[str], case: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one case: its documents, its attachments, its chain of events."""
    place = case["folder"]
    if place + "events.json" not in names:
        yield "没有办理记录：" + place
        return
    previous, seq = GENESIS, 0
    for event in json.loads(dossier.read(place + "events.json").decode("utf-8")):
        seq += 1
        where = f"{place}办理记录第 {event['seq']} 条"
        if event["seq"] != seq:
            yield where + "：编号不连续"
            seq = event["seq"]
        if event["previous"] != previous:
            yield where + "：与前一条接不上"
        if event["body"] is not None and sha256(event["body"].encode("utf-8")) != event["body_sha256"]:
            yield where + "：内容被改动"
        header = [case["chain"], event["seq"], event["at"], event["actor"], event["kind"], event["element"]]
        header += [event["body_sha256"], event["previous"]]
        if sha256(canonical(header)) != event["hash"]:
            yield where + "：校验值不对"
        previous = event["hash"]
    if previous != case["head"] or seq != case["events"]:
        yield place + "办理记录不完整：最后一条不是卷宗形成时的那一条"
    kept = [("文书", one) for one in case["documents"]] + [("附件", one) for one in case["attachments"]]
    for what, one in kept:
        if one["file"] is None:
            continue  # deleted when its time of retention was over; its hash is in the events
        name = place + one["file"]
        if name in names and sha256(dossier.read(name)) != one["sha256"]:
            yield what + "与登记的校验值不一致：" + name


def main(arguments: list[str]) -> int:
    """Check a dossier and say what is wrong; return the exit status."""
    path = arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__))
    expected = arguments[1] if len(arguments) > 1 else None
    try:
        dossier: Folder | Packed = Folder(path) if os.path.isdir(path) else Packed(path)
        found = list(problems(dossier, expected))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        print(f"读不出来：{error}")
        return 2
    for said in found:
        print(said)
    print(f"有 {len(found)} 处不一致。" if found else "核对无误：卷宗完整，没有改动。")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
