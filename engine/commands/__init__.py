"""The engine's commands: each module holds what one command does inside its transaction."""
