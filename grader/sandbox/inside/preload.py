"""Import allowed packages before isolation starts, while files can still be read. Untrusted side; see child.py.

Torch inspects the processor, maps gigabytes of address space and looks for a folder for temporary files, once each. All of
that happens here, before the first line of a student's program, so nothing remains that needs files afterwards.
"""

import gc
import os
import sys


def preload(names, whole, folder):
    """Import packages; with `whole` also what torch imports on first use. Return the MiB of address space they take.

    What they print is discarded: a library's warning is not the program's output.
    """
    before = mapped()
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # torch would start threads for a graphics card
    gc.disable()
    kept, null = [os.dup(1), os.dup(2)], os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 1)
        os.dup2(null, 2)
        for name in names:
            __import__(name)
        if "torch" in names:
            preload_torch(whole, folder)
    finally:
        for number, fd in enumerate(kept, 1):
            os.dup2(fd, number)
        for fd in (*kept, null):
            os.close(fd)
        gc.freeze()
        gc.enable()
    return mapped() - before


def preload_torch(whole, folder):
    """Make torch inspect the processor and import what it would import on first use."""
    import tempfile

    torch = sys.modules["torch"]
    tempfile.tempdir = folder  # torch needs only a name; nothing can be written there
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
    torch.set_num_threads(1)
    torch.set_num_threads = torch.set_num_interop_threads = lambda _: None  # a sandboxed process cannot start threads
    image = torch.ones(1, 1, 4, 4, requires_grad=True)
    torch.nn.functional.conv2d(image, torch.ones(1, 1, 2, 2)).sum().backward()
    for name in ("torch.utils._python_dispatch", "forbidden_operators", "torch._dynamo")[: 2 + whole]:
        __import__(name)  # a later program may need `forbidden_operators`, which the sandbox cannot read


def mapped():
    """Return the MiB of this process's address space, or 0 where the system does not report it."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") >> 20
    except (OSError, ValueError, AttributeError):
        return 0
