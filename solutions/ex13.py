"""Model answer of ex13: the shape of the last layer's activation."""


def activation_shape(layers):
    shape = ()
    for layer in layers:
        kind = layer["kind"]
        if kind == "input":
            shape = (layer["height"], layer["width"], layer["channels"])
        elif kind in ("fc", "softmax"):
            shape = (layer["units"], 1)
        else:
            rows, columns, channels = shape
            rows = (rows - layer["kernel_size"]) // layer["stride"] + 1
            columns = (columns - layer["kernel_size"]) // layer["stride"] + 1
            shape = (rows, columns, layer["filters"] if kind == "conv" else channels)
    return shape
