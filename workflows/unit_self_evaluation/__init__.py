"""The process ``unit_self_evaluation``: a unit evaluates its overall spending (P10, form of the whole department)."""
