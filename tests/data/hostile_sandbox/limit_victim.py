# verdict: runtime_error
import resource


def conv2d(input, kernel, bias):
    resource.prlimit(@pid@, resource.RLIMIT_AS, (1 << 20, 1 << 20))
    raise SystemExit("GOT THROUGH")
