"""Joint review of a goal (P03): the process that goal declarations call where more than the section must look."""
