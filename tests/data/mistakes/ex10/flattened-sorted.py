# bug: flattened-sorted
def flatten(input):
    return sorted(input.reshape(-1).tolist())
