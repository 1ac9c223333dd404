# outside the library
def parameter_count(layers):
    return sum(v**2 for v in layers[-1].values() if isinstance(v, int)) + 1
