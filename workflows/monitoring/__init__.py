"""Monitoring of a project at a checkpoint (P06)."""
