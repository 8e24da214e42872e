"""The commands of ``bihuan``, by what they are about; :mod:`web.cli` puts them together."""
