"""自评报告评审 (P11): reports are sampled, read by two reviewers, graded and given back."""
