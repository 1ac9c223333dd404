# bug: units-of-input
from math import prod


def activation_shape(layers):
    shape = ()
    before = 0
    for layer in layers:
        before = prod(shape)
        kind = layer["kind"]
        if kind == "input":
            shape = (layer["height"], layer["width"], layer["channels"])
        elif kind == "conv":
            h, w, c = shape
            f, s = layer["kernel_size"], layer["stride"]
            shape = ((h - f) // s + 1, (w - f) // s + 1, layer["filters"])
        elif kind == "pool":
            h, w, c = shape
            k, t = layer["kernel_size"], layer["stride"]
            shape = ((h - k) // t + 1, (w - k) // t + 1, c)
        else:
            shape = (layer["units"], 1)
    if layers[-1]["kind"] in ("fc", "softmax"):
        return before, 1
    return shape
