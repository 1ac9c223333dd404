# bug: first-row-for-all
def elementwise_product(a, b):
    return [[x * y for x, y in zip(row, b[0])] for row in a]
