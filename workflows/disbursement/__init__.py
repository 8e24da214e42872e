"""The process ``disbursement`` (P09): a unit asks for money, D06 and the offices decide, the treasury section pays."""
