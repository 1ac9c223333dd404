# verdict: runtime_error
import multiprocessing


def conv2d(input, kernel, bias):
    multiprocessing.Semaphore()
    raise SystemExit("GOT THROUGH")
