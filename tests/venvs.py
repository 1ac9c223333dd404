"""A virtual environment that holds this grader as an installed, not editable package."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

from conftest import ROOT

from grader.platforms.gradescope_package import wheel


def make_venv(root: Path) -> Path:
    """Install the grader's wheel, with the course as the published wheel has it. Return the environment's Python.

    Needs no pip and no network: other packages come from the running Python.
    """
    venv.EnvBuilder(symlinks=True, with_pip=False).create(root)
    site = root / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    zipfile.ZipFile(io.BytesIO(wheel()[1])).extractall(site)
    shutil.copytree(ROOT / "exercises", site / "grader" / "packs" / "deck")
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "others.pth").write_text("\n".join(folders), encoding="utf-8")  # no .pth file in them counts
    return root / "bin" / "python"


def run_grade(python: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `grade …` of an environment in a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "GRADE_PACK"}
    command = [str(python), "-I", "-m", "grader", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=cwd)
