"""Letters as Word and PDF, from templates that an administrator may change."""
