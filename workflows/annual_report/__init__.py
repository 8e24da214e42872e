"""The annual report (P17)."""
