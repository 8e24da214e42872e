"""The adjustment of a project's budget, always together with its goal (P08)."""
