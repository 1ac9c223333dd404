"""Who handed in what, in a folder or zip as a platform gives it out. No student's program is read here."""
