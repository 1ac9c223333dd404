"""Model answer of ex14: the number of parameters of the last layer."""


def parameter_count(layers):
    shape, count = (), 0
    for layer in layers:
        kind, count = layer["kind"], 0
        if kind == "input":
            shape = (layer["height"], layer["width"], layer["channels"])
        elif kind in ("fc", "softmax"):
            before = 1
            for n in shape:
                before *= n
            count = before * layer["units"] + layer["units"]
            shape = (layer["units"], 1)
        else:
            rows, columns, channels = shape
            f, s = layer["kernel_size"], layer["stride"]
            filters = channels
            if kind == "conv":
                filters = layer["filters"]
                count = (f * f * channels + 1) * filters
            shape = ((rows - f) // s + 1, (columns - f) // s + 1, filters)
    return count
