"""Course platforms: who submitted what, gradebooks, and feedback files."""
