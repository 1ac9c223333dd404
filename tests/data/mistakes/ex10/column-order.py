# bug: column-order
def flatten(input):
    return input.flatten(order="F")
