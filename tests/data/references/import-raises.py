# reference.py:2 importing it raises ModuleNotFoundError: No module named 'no_such_package' | correct it; packages that it needs must be installed
import no_such_package


def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    return weight[:, None] * input**power
