# verdict: not_allowed or runtime_error
import sys


def conv2d(input, kernel, bias):
    for finder in sys.meta_path:
        if hasattr(finder, "allowed"):
            finder.allowed.update({"msgspec", "click"})
    import click

    return click
