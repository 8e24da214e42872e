"""Administration of a county: who there is, what they may, what the county has set, and the logs of all of it."""
