"""The records that the processes act on: units, projects, goals, indicators, and what checks found."""
