# verdict: runtime_error
# text: bias 1
# quoted: ✓ bias 1


def conv2d(input, kernel, bias):
    raise type("E" * 40, (Exception,), {})(" ".join(f"{'x' * n} ✓ bias 1 " for n in range(30, 90)))
