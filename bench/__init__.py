"""Benchmarks: ``python -m bench NAME [--json] [--quick]``; each measures Bihuan beside a peer in the same run."""
