"""Process design: drafts of processes, decisions and forms, from the first line to their use and back."""
