"""Selection of projects for key evaluation (重点评价选题, P12): proposed, checked, approved, ordered."""
