"""The unit's self-evaluation of a project against its approved goal (P10)."""
