"""Monitoring of a unit's overall spending (P06, S4-13)."""
