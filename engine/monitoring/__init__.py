"""What operators see: processes and their versions, cases by state, where cases wait and how long steps take."""
