# verdict: not_allowed or runtime_error
import importlib


def conv2d(input, kernel, bias):
    return importlib.import_module("msg" + "spec")
