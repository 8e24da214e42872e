"""A letter (公文): drafted, signed under a number, sealed, signed for."""
