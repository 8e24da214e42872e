"""A county in one file: its tables and its attachments as they were at one moment, with their hashes.

The file is a ZIP archive whose last entry, ``manifest.json``, lists all others. A table is lines of JSON, so that a backup
of SQLite can be restored to PostgreSQL and the other way round, by this release or a later one.
"""

from engine.backups.manifest import Manifest, verify
from engine.backups.restore import restore
from engine.backups.write import backup

__all__ = ["Manifest", "backup", "restore", "verify"]
