"""Runners of what is due: :class:`Runner` is a thread of the server's own process, or of a worker's."""

from engine.jobs.runner import Runner

__all__ = ["Runner"]
