"""The process ``treasury_notice``: the treasury section is told to hold, stop or release a project's money."""
