"""Monitoring of a year's projects: execution figures, planned and real progress, deviations, records, register."""

from __future__ import annotations
