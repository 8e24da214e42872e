"""Key evaluation (重点绩效评价, P12): from the notice to the unit to the final report and its result."""
