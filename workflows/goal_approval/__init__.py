"""Approval of goals (目标批复, P05): a batch is drawn up, checked, signed, and each unit's letter is sent."""
