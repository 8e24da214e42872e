"""Which county a request is about, and the engine that serves it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.database import Home
from engine.engine import Engine
from engine.errors import NotFound

_PREFIX = re.compile(r"^/c/([a-z0-9][a-z0-9_]{0,39})(?=/|$)")
ENVIRON_KEY = "bihuan.county"
_NAMES_SECONDS = 5.0

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class CountyPath:
    """WSGI middleware that moves ``/c/<code>`` from the path to the script name.

    Every address that the application builds afterwards stays inside the county without knowing of it.
    """

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if found := _PREFIX.match(path):
            environ[ENVIRON_KEY] = found[1]
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found[0]
            environ["PATH_INFO"] = path[found.end() :] or "/"
        return self._app(environ, start_response)


class Counties:
    """The installation's counties and one engine for each that was asked for."""

    def __init__(self, home: Home, make_engine: Callable[[Any], Engine], default: str | None = None) -> None:
        self.home = home
        self._make_engine = make_engine
        self._default = default
        self._engines: dict[str, Engine] = {}
        self._names: Mapping[str, str] = {}
        self._read_at = 0.0
        self._lock = threading.Lock()

    def code(self, environ: dict[str, Any]) -> str:
        """Return the code of the county that the request names, or of the only or default one."""
        if named := environ.get(ENVIRON_KEY):
            return str(named)
        if self._default:
            return self._default
        codes = list(self.names())
        if len(codes) == 1:
            return codes[0]
        raise NotFound("county.unnamed")

    def names(self) -> Mapping[str, str]:
        """Return the counties' names by code, read anew at most every few seconds."""
        moment = time.monotonic()
        if moment - self._read_at > _NAMES_SECONDS or not self._names:
            self._names, self._read_at = self.home.counties(), moment
        return self._names

    def engine(self, code: str) -> Engine:
        """Return the county's engine; raises :class:`NotFound` for a county that does not exist."""
        engine = self._engines.get(code)
        if engine is None:
            with self._lock:
                engine = self._engines.get(code)
                if engine is None:
                    engine = self._engines[code] = self._make_engine(self.home.open(code))
        return engine
