"""A unit receives the approval of its goals (批复签收, P05)."""
