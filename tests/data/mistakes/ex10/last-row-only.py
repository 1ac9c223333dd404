# bug: last-row-only
def flatten(input):
    for row in input:
        result = []
        for value in row:
            result.append(value)
    return result
