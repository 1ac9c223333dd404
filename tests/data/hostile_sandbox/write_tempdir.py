# verdict: runtime_error
import tempfile


def conv2d(input, kernel, bias):
    tempfile.mkdtemp(dir="@folder@")
    raise SystemExit("GOT THROUGH")
