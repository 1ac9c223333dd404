# bug: difference-for-product
def elementwise_product(a, b):
    return [[x - y for x, y in zip(p, q)] for p, q in zip(a, b)]
