# verdict: not_allowed or runtime_error
import sys


def conv2d(input, kernel, bias):
    for finder in sys.meta_path:
        if hasattr(finder, "open"):
            finder.open.update({"msgspec", "click"})
    import click

    return click
