"""Take the pictures of docs/pages.md anew, with Debian's Chromium: `python docs/images.py [RESULTS]`.

RESULTS is a graded class; without it the class of `demo/make_class.py` is graded first, which takes a minute.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FLIPPED = """import numpy as np


def conv2d(input, kernel, bias):
    kernel = np.flip(kernel)
    rows, columns = input.shape[0] - kernel.shape[0] + 1, input.shape[1] - kernel.shape[1] + 1
    output = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            output[i, j] = np.sum(input[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel) + bias
    return output
"""
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--force-device-scale-factor=1",
)
DARK = "--blink-settings=preferredColorScheme=0"


def main() -> None:
    """Write the PNG files into docs/images."""
    (HERE / "images").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ex1.py").write_text(FLIPPED, encoding="utf-8")
        results = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else graded_class(folder)
        grade(folder, "ex1", "--html", "student.html")
        grade(folder, "report", str(results), "--html", "class.html", "--anonymous")
        grade(folder, "show", "ex3", "--html", "exercise.html")
        take(folder / "student.html", "student", 1100, 1560)
        take(folder / "student.html", "student-phone-dark", 500, 1500, DARK)  # 500 is the narrowest window there is
        take(folder / "class.html", "class", 1100, 1300)
        take(folder / "exercise.html", "exercise", 1100, 1250)


def graded_class(folder: Path) -> Path:
    """Grade the demo's class and return the results."""
    subprocess.run([sys.executable, str(HERE.parent / "demo" / "make_class.py"), str(folder)], check=True)
    grade(folder, "class", "submissions.zip", "--exercise", "ex3")
    return folder / "results.sqlite"


def grade(folder: Path, *words: str) -> None:
    """Run `grade`; wrong work ends with 1, which is what some of the pictures show."""
    done = subprocess.run([sys.executable, "-m", "grader", *words], cwd=folder, stdout=subprocess.DEVNULL)
    if done.returncode > 1:
        sys.exit(done.returncode)


def take(page: Path, name: str, width: int, height: int, *flags: str) -> None:
    """Take one picture of a page."""
    browser = shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory() as profile:
        sizes = [f"--window-size={width},{height}", f"--screenshot={HERE / 'images' / f'{name}.png'}"]
        words = [browser, *FLAGS, f"--user-data-dir={profile}", *sizes, *flags, page.as_uri()]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
