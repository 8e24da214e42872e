"""Plays a county's whole year through the real engine, with made-up people and projects of a report's size."""
