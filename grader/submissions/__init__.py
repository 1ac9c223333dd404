"""Submissions: find a student's program and read it without running it."""
