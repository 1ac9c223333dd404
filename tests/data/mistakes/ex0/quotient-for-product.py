# bug: quotient-for-product
def elementwise_product(a, b):
    return a / b
