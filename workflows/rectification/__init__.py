"""The process ``rectification`` (P07): a notice, what the unit did about each issue, and how that was verified."""
