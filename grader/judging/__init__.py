"""Judging what a submission returned: compare, explain, and name the misconception."""
