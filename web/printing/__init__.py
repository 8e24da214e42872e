"""Pages as PDF: the same HTML that a browser prints, set on A4 paper."""
