"""Grading a whole class: the run, its workers, the file of results, and what they show together."""
