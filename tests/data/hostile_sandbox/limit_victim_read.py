# verdict: runtime_error
import resource


def conv2d(input, kernel, bias):
    resource.prlimit(@pid@, resource.RLIMIT_AS)
    raise SystemExit("GOT THROUGH")
