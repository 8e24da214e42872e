"""Publication (信息公开, P15)."""
