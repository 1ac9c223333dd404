"""Write a class of 300 to play with: a Canvas download of submissions to ex3, and the gradebook that belongs to it.

`appeal.zip` is a second download: one of those who turned the kernel around has submitted again.

    python demo/make_class.py FOLDER

No two runs differ. Half of the class is right; the others have the usual mistakes; some programs hang, crash, print
without end or are no programs at all; two are one program under other names; some came late, four did not come.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
COUNT, ABSENT = 300, 4
TITLE = "Exercise 3"
RIGHT = (
    """import numpy as np


def conv2d(input, kernel, bias, padding, stride):
    (p, q), (s, t), (m, n) = padding, stride, kernel.shape
    image = np.pad(input, ((p, p), (q, q)))
    rows, columns = (image.shape[0] - m) // s + 1, (image.shape[1] - n) // t + 1
    output = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = image[row * s : row * s + m, column * t : column * t + n]
            output[row, column] = np.sum(window * kernel) + bias
    return output
""",
    """import numpy as np


def conv2d(input, kernel, bias, padding, stride):
    image = np.pad(input, [(padding[0],) * 2, (padding[1],) * 2])
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)[:: stride[0], :: stride[1]]
    return np.einsum("ijmn,mn->ij", windows, kernel) + bias
""",
    """def conv2d(input, kernel, bias, padding, stride):
    rows, columns = input.shape
    m, n = kernel.shape

    def pixel(i, j):
        i, j = i - padding[0], j - padding[1]
        return input[i, j] if 0 <= i < rows and 0 <= j < columns else 0

    def cell(i, j):
        top, left = i * stride[0], j * stride[1]
        return bias + sum(pixel(top + a, left + b) * kernel[a, b] for a in range(m) for b in range(n))

    height = (rows + 2 * padding[0] - m) // stride[0] + 1
    width = (columns + 2 * padding[1] - n) // stride[1] + 1
    # every cell by itself
    return [[cell(i, j) for j in range(width)] for i in range(height)]
""",
)
USUAL = {  # how often a mistake is made
    "kernel-flipped": 24,
    "bias-missing": 14,
    "window-not-moved": 12,
    "padding-ignored": 11,
    "size-ceil": 8,
    "stride-ignored": 7,
    "bias-per-product": 6,
    "stride-swapped": 5,
    "padding-one-less": 4,
    "size-columns-for-both": 4,
    "mean-for-sum": 2,
    "kernel-transposed": 2,
    "output-transposed": 1,
    "padding-with-edge": 1,
}
HEAD = "def conv2d(input, kernel, bias, padding, stride):\n"
STRANGE = {
    f"{HEAD}    while True:\n        pass\n": 1,
    f"import time\n\n\n{HEAD}    while True:\n        time.sleep(1)\n": 3,  # an endless loop that costs nothing
    f"{HEAD}    while True:\n        print('here' * 1000)\n": 3,
    f"import numpy as np\n\n\n{HEAD}    return np.zeros(kernel.shape[2])\n": 7,
    "import os\n\nos._exit(0)\n": 3,
    "from torch.nn.functional import conv2d\n": 6,
    "def conv(input, kernel, bias, padding, stride):\n    return input\n": 5,
    "def conv2d(input, kernel, bias, padding, stride)\n    return input\n": 4,
    f"{HEAD}    return input * kernel.sum() + bias\n": 5,
    "PK\x03\x04 not a program": 2,
}


TRIAL = """

if __name__ == "__main__":
    import numpy

    print(conv2d(numpy.ones(({}, {})), numpy.ones((2, 2)), {}, (0, 0), (1, 1)) + {})
"""


def main() -> None:
    """Write `submissions.zip`, `gradebook.csv` and `appeal.zip`."""
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(3)
    programs = [mistaken(name) for name, count in USUAL.items() for _ in range(count)]
    programs += [source for source, n in STRANGE.items() for _ in range(n)]
    programs += [random.choice(RIGHT) for _ in range(COUNT - ABSENT - len(programs) - 1)]
    random.shuffle(programs)
    programs = [source + TRIAL.format(*random.sample(range(2, 40), 4)) for source in programs]
    programs.append(programs[0].replace("window", "patch").replace("padded", "image").replace("out", "result"))
    rows = [f"Student,ID,SIS User ID,SIS Login ID,Section,{TITLE} (771)", "    Points Possible,,,,,10.00"]
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for i in range(COUNT):
            name, number = f"student{i:03}", 1000 + i
            rows.append(f'"{i:03}, Student",{number},S{number},{name},CNN 1,')
            if i < len(programs):
                late = "_LATE" if i % 41 == 7 else ""
                entry = zipfile.ZipInfo(f"{name}{late}_{number}_{50_000 + i}_ex3.py", (2026, 1, 1, 0, 0, 0))
                archive.writestr(entry, programs[i])
    (folder / "gradebook.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    student = next(i for i, source in enumerate(programs) if source.startswith(mistaken("kernel-flipped")))
    with zipfile.ZipFile(folder / "appeal.zip", "w") as archive:
        entry = zipfile.ZipInfo(f"student{student:03}_LATE_{1000 + student}_60000_ex3-1.py", (2026, 1, 1, 0, 0, 0))
        archive.writestr(entry, RIGHT[0])


def mistaken(name: str) -> str:
    """Return a program with a misconception."""
    from programs import program

    return program("ex3", name).source


if __name__ == "__main__":
    main()
