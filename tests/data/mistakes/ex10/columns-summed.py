# bug: columns-summed
def flatten(input):
    return [sum(row) for row in input.tolist()]
