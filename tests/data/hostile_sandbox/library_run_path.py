# verdict: not_allowed or runtime_error
import runpy


def conv2d(input, kernel, bias):
    runpy.run_path("@site@/click/__init__.py")
    raise SystemExit("GOT THROUGH")
