"""The other programs that tests need (PostgreSQL, Chromium), fetched from the package registries and started here."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Downloads that outlive a test run; ignored by git, safe to delete.
CACHE = ROOT / ".cache"
