"""Hatchling's build hook: a wheel contains the built pages; an editable install needs none of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface[Any]):
    """Builds scripts, styles and translations before files are collected for a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the pages for a standard wheel (``version`` is ``editable`` for an editable install)."""
        if self.target_name != "wheel" or version == "editable":
            return
        location = Path(self.root) / "build_pages.py"
        specification = importlib.util.spec_from_file_location("build_pages", location)
        if specification is None or specification.loader is None:
            raise FileNotFoundError(location)
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        module.build()
