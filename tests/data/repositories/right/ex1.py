"""A right answer to ex1, written with lists and loops."""


def conv2d(input, kernel, bias):
    rows, columns = len(kernel), len(kernel[0])
    output = []
    for i in range(len(input) - rows + 1):
        line = []
        for j in range(len(input[0]) - columns + 1):
            total = bias
            for u in range(rows):
                for v in range(columns):
                    total += input[i + u][j + v] * kernel[u][v]
            line.append(total)
        output.append(line)
    return output
