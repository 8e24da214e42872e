"""The blueprints, one small module a subject."""
