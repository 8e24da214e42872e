"""The process ``npc_oversight``: the people's congress inspects a project or questions its unit (P19)."""
