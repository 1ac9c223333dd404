"""Marks go back into the file that a platform gave: one column of it is filled in, and every other byte is kept.

A file made anew would have to guess what the platform expects: its columns, its quotes, its encoding. A guess that
fails silently makes a new assignment, or gives a mark to nobody. So the platform's own export is filled in.
"""

from grader.gradebooks.marks import Filled, Mark
from grader.gradebooks.platforms import canvas, gradescope, moodle

__all__ = ["Filled", "Mark", "canvas", "gradescope", "moodle"]
