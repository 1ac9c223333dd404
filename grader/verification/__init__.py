"""Proving exercises: torch's answers, model solutions and every misconception."""
