"""Why an isolation level cannot be used. Untrusted side; see child.py. Imports nothing: every start pays for it."""


class Refused(Exception):
    """None of the offered isolation levels is available; `reasons` are pairs of level and reason."""

    def __init__(self, reasons):
        super().__init__(str(reasons))
        self.reasons = reasons


class Unavailable(Exception):
    """An isolation level that this machine cannot provide; nothing that matters has been changed."""
