"""Finding a student's program and reading it without running it."""
