"""The process ``indicator_library``: indicators come into the county's library, argued for and in their final form (P20)."""
