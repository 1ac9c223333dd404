# verdict: not_allowed or runtime_error
import importlib.machinery
import sys


def conv2d(input, kernel, bias):
    spec = importlib.machinery.PathFinder.find_spec("click", ["@site@"])
    if spec is None:
        raise ModuleNotFoundError("No module named 'click'", name="click")
    return spec.loader.load_module("click")
