"""Publication (信息公开, P15): what units publish, redacted, confirmed by two, on show, released, put online."""
