# bug: filters-uncounted
import math


def parameter_count(layers):
    shape, count = (), 0
    for layer in layers:
        kind = layer["kind"]
        if kind == "input":
            count = 0
            shape = (layer["height"], layer["width"], layer["channels"])
        elif kind in ("fc", "softmax"):
            p, c = math.prod(shape), layer["units"]
            count = c * p + c
            shape = (c, 1)
        else:
            rows, columns, channels = shape
            f, s = layer["kernel_size"], layer["stride"]
            rows, columns = (rows - f) // s + 1, (columns - f) // s + 1
            if kind == "conv":
                filters = layer["filters"]
                count = f**2 * channels + 1
                shape = (rows, columns, filters)
            else:
                count = 0
                shape = (rows, columns, channels)
    return count
