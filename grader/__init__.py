"""An autograder for an introductory CNN course whose every answer is verified by PyTorch."""

TYPE_CHECKING = False  # `typing` would be loaded at each start of the command
if TYPE_CHECKING:
    from grader.notebook import check as check

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import what a notebook asks for, when it asks for it."""
    if name == "check":
        from grader.notebook import check

        return check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
