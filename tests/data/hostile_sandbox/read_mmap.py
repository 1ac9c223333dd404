# verdict: runtime_error
import mmap
import os


def conv2d(input, kernel, bias):
    fd = os.open("@secret@", os.O_RDONLY)
    mmap.mmap(fd, 0, prot=mmap.PROT_READ)
    raise SystemExit("GOT THROUGH")
