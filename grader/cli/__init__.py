"""The `grade` command: what people type, and what it prints."""
