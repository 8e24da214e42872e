"""Tests of engine.feel."""
