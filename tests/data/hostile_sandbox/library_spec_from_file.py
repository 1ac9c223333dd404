# verdict: not_allowed or runtime_error
import importlib.util


def conv2d(input, kernel, bias):
    spec = importlib.util.spec_from_file_location("click", "@site@/click/__init__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    raise SystemExit("GOT THROUGH")
