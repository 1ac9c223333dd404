# verdict: not_allowed or runtime_error
import sys


def conv2d(input, kernel, bias):
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "ImportFilter"]
    import click

    return click
