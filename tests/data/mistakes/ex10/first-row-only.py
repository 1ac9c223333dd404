# bug: first-row-only
def flatten(input):
    result = []
    for row in input:
        for value in row:
            result.append(value)
        return result
