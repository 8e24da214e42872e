"""A worked example of a package that plugs in to Bihuan."""
