"""The pages: sign-in, the inbox, the task page and the registers, a Flask application over the engine."""

from web.app import create_app

__all__ = ["create_app"]
