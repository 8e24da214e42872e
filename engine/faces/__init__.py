"""The parts of :class:`engine.engine.Engine`, by what they are about."""
