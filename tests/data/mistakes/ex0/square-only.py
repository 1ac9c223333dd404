# bug: square-only
def elementwise_product(a, b):
    n = len(a)
    c = []
    for i in range(n):
        c.append([a[i][j] * b[i][j] for j in range(n)])
    return c
