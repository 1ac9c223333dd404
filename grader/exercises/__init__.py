"""Exercises: packs of YAML specs, and the lock files with the reference answers."""
