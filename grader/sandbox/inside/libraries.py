"""The packages that are imported before the wall goes up: what needs files, folders or memory of its own. Untrusted side.

Torch asks the machine for its processor, maps gigabytes and looks for a place for temporary files, once each. All of
this is done before the first line of a stranger's program; there is nothing for it to read or find afterwards.
"""

import gc
import os
import sys


def warm(names, whole, spot):
    """Import packages; `whole` brings what torch loads late, too. Return the MiB of address space that they took.

    What they print is nobody's: a warning of theirs is not what the program says.
    """
    before = mapped()
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # torch would start threads for a graphics card
    gc.disable()
    kept, quiet = [os.dup(1), os.dup(2)], os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        for name in names:
            __import__(name)
        if "torch" in names:
            warm_torch(whole, spot)
    finally:
        for number, fd in enumerate(kept, 1):
            os.dup2(fd, number)
        for fd in (*kept, quiet):
            os.close(fd)
        gc.freeze()
        gc.enable()
    return mapped() - before


def warm_torch(whole, spot):
    """Have torch look at the processor, and load what it loads when first used."""
    import tempfile

    torch = sys.modules["torch"]
    tempfile.tempdir = spot  # nothing can be written there; torch wants a name only
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = spot
    torch.set_num_threads(1)
    torch.set_num_threads = torch.set_num_interop_threads = lambda _: None  # no thread can be started behind a wall
    image = torch.ones(1, 1, 4, 4, requires_grad=True)
    torch.nn.functional.conv2d(image, torch.ones(1, 1, 2, 2)).sum().backward()
    for name in ("torch.utils._python_dispatch", "watch", "torch._dynamo")[: 2 + whole]:
        __import__(name)  # `watch` cannot be read any more when a program comes that needs it


def mapped():
    """Return the MiB of address space that this process has, or 0 where nobody tells."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") >> 20
    except (OSError, ValueError, AttributeError):
        return 0
