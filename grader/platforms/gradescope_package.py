"""Build the autograder zip for Gradescope: two scripts, this grader as a wheel, the exercises with torch's answers.

The wheel is built from the package as it is installed here, which needs neither a network nor a build tool. Its RECORD
is written here: the `wheel` package writes only to a named file and with the current time, so that using it needs more
code, and the same files would not give the same zip.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from grader.errors import GradeError, Problem
from grader.exercises import misconception_answers
from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_name

HOME = Path(__file__).parent.parent
NAME = "torch-grader"
SETTINGS = "autograder.json"
EXECUTABLE = ("setup.sh", "run_autograder")
SETUP = """\
#!/bin/sh
# Install the grader in its own environment. Runs once, when the platform builds its image.
set -eu
root=${AUTOGRADER:-/autograder}
chmod -R go= "$root/source"
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 python3-venv
fi
python3 -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --disable-pip-version-check "$root/source/@wheel@"@packages@
"""
RUN = """\
#!/bin/sh
# Grade one submission. There is always a result to show, and never a mark for a failure of the grader.
root=${AUTOGRADER:-/autograder}
results="$root/results/results.json"
mkdir -p "$root/results"
rm -rf "$results"
chmod -R go= "$root/source"
"$root/venv/bin/python" -I -m grader.gradescope_run "$root" || echo "the grader ended with exit code $?"
if [ ! -s "$results" ]; then
    echo '{"output": "The grader failed, not the program. There is no mark: tell the staff.", "tests": []}' > "$results"
fi
"""


def autograder(pack: Path, exercises: Sequence[str], trusted: bool) -> bytes:
    """Return the zip for these exercises. Raise GradeError where one is unknown or its answers are stale.

    With `trusted`, it runs programs even where no sandbox is available.
    """
    locks = [read_lock(pack, id) for id in exercises]
    name, data = wheel()
    packages = sorted({package for lock in locks for package in lock.exercise.allow} - {"numpy"})
    setup = SETUP.replace("@wheel@", name).replace("@packages@", "".join(f" {package}" for package in packages))
    files = {
        "setup.sh": setup.encode(),
        "run_autograder": RUN.encode(),
        name: data,
        SETTINGS: json.dumps({"exercises": list(exercises), "trusted": trusted, "pack": pack_name(pack)}).encode(),
    }
    for id in exercises:
        stored = misconception_answers.path(pack, id)
        for file in (pack / f"{id}.yaml", pack / f"{id}.ref.json", *([stored] if stored.is_file() else ())):
            files[f"exercises/{file.name}"] = file.read_bytes()
    return _zipped(files)


def wheel() -> tuple[str, bytes]:
    """Return the name and the content of a wheel of this grader, without exercises.

    Raise GradeError where it is not installed, because then its requirements are unknown.
    """
    try:
        installed = distribution(NAME)
    except PackageNotFoundError:
        installed = None
    metadata = installed and installed.read_text("METADATA")
    if not installed or not metadata:
        help = "run `pip install .` or `pip install -e .` in a clone of it"
        raise GradeError(Problem("the grader is not installed as a package, so no wheel of it can be built", help))
    stem = f"{NAME.replace('-', '_')}-{installed.version}"
    files = {
        f"grader/{path.relative_to(HOME).as_posix()}": path.read_bytes()
        for path in sorted(HOME.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and HOME / "packs" not in path.parents
    }
    files |= {f"{stem}.dist-info/{file}": text.encode() for file, text in _info(installed, metadata).items()}
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{file},sha256={_digest(data)},{len(data)}" for file, data in files.items()]
    files[record] = "".join(f"{line}\n" for line in (*lines, f"{record},,")).encode()
    return f"{stem}-py3-none-any.whl", _zipped(files)


def _info(installed: Distribution, metadata: str) -> dict[str, str]:
    found = {name: installed.read_text(name) for name in ("entry_points.txt", "licenses/LICENSE")}
    wheel = f"Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    return {"METADATA": metadata, "WHEEL": wheel} | {name: text for name, text in found.items() if text}


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip that is the same for the same files, whenever and wherever it is built."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)  # its date is 1980-01-01
            info.create_system, info.compress_type = 3, zipfile.ZIP_DEFLATED  # Unix, so that the modes are kept
            info.external_attr = (0o100755 if name in EXECUTABLE else 0o100644) << 16
            archive.writestr(info, data)
    return target.getvalue()
