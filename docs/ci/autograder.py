"""Classroom 50 runs this file in a student's repository. The exit code is 0 if it could grade, whatever the mark."""

import subprocess
import sys
import tempfile
from pathlib import Path

WHEEL = "https://example.edu/torch_grader-0.1.0-py3-none-any.whl"  # your own: `pip wheel --no-deps .`

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-I", "-m", "venv", folder], check=True)
    python = str(Path(folder, "bin", "python"))
    subprocess.run([python, "-I", "-m", "pip", "install", "--quiet", WHEEL], check=True)
    words = [
        "ex1",
        "--isolation",
        "strict",
        "--output",
        "classroom50=result.json",
        "--output",
        "markdown=release-body.md",
    ]
    code = subprocess.run([python, "-I", "-m", "grader", *words], check=False).returncode
sys.exit(0 if code in (0, 1) else code)
