"""Overall goals of units (P02): goals, tasks and indicators of all that a unit does in a year."""
