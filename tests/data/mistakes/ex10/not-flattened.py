# bug: not-flattened
def flatten(input):
    input.reshape(-1)
    return input
