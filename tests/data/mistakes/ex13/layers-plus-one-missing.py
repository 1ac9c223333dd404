# bug: layers-plus-one-missing
def size(m, f, s):
    return max((m - f) // s, 1)


def activation_shape(layers):
    for layer in layers:
        if layer["kind"] == "input":
            shape = [layer["height"], layer["width"], layer["channels"]]
        elif layer["kind"] in ("conv", "pool"):
            f, s = layer["kernel_size"], layer["stride"]
            channels = layer.get("filters", shape[-1])
            shape = [size(shape[0], f, s), size(shape[1], f, s), channels]
        else:
            shape = [layer["units"], 1]
    return shape
