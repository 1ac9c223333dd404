# bug: rows-mirrored
def flatten(input):
    return input[:, ::-1].ravel()
