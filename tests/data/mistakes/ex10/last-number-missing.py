# bug: last-number-missing
def flatten(input):
    return input.reshape(-1)[:-1]
