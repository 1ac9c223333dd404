def linear(input, weight, bias):
    return input @ weight.T + bias
