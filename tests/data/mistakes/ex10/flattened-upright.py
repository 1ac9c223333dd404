# bug: flattened-upright
def flatten(input):
    return [[value] for row in input for value in row]
