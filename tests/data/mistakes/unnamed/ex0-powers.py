# outside the library
def elementwise_product(a, b):
    return abs(a) ** (1 + abs(b) % 3)
