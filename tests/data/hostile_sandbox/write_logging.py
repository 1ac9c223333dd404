# verdict: runtime_error
import logging


def conv2d(input, kernel, bias):
    logging.FileHandler("@folder@/log")
    raise SystemExit("GOT THROUGH")
