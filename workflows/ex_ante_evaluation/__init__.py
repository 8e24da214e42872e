"""事前绩效评估 (P04): new projects are evaluated before any money is planned for them."""
