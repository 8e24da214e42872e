"""Tests of engine.dmn."""
