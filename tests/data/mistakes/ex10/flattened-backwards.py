# bug: flattened-backwards
def flatten(input):
    result = []
    for row in input:
        for value in row:
            result.insert(0, value)
    return result
