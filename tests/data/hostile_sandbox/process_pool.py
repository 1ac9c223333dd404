# verdict: runtime_error
import multiprocessing


def conv2d(input, kernel, bias):
    multiprocessing.Pool(2).map(abs, [1])
    raise SystemExit("GOT THROUGH")
