# bug: channels-dropped-by-pooling
def activation_shape(layers):
    shape = ()
    for layer in layers:
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
    if layers[-1]["kind"] == "pool":
        return shape[0], shape[1]
    return shape
