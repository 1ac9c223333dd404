"""Write the zip that Dolos compares (https://dolos.ugent.be): a file per program, and `info.csv` with whose each is.

Dolos reads `info.csv` at the top of the zip: `filename` is required, `full_name` is shown in its place, and columns
that it does not know are ignored (https://dolos.ugent.be/docs/adding-metadata.html).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

from grader.text import one_line

COLUMNS = ("filename", "full_name", "id")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest in a zip: the same programs give the same file


def archive(programs: Iterable[tuple[str, str, Sequence[tuple[str, str]]]]) -> bytes:
    """Return the zip of programs, each with the id and the name of its student and its parts (file name and text)."""
    made, table = io.BytesIO(), io.StringIO()
    rows = csv.writer(table)
    rows.writerow(COLUMNS)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (id, name, parts) in enumerate(programs, 1):
            filename = f"{number:04}-{re.sub(r'[^A-Za-z0-9]+', '-', id)[:40].strip('-')}.py"
            _write(archive, filename, whole(parts))
            rows.writerow((filename, one_line(name), one_line(id)))
        _write(archive, "info.csv", table.getvalue())
    return made.getvalue()


def whole(parts: Sequence[tuple[str, str]]) -> str:
    """Return a program as one text; where it has several parts, each begins with its name in a comment."""
    if len(parts) == 1:
        return parts[0][1]
    return "\n".join(f"# {one_line(name)}\n{text}" for name, text in parts)


def _write(archive: zipfile.ZipFile, name: str, text: str) -> None:
    info = zipfile.ZipInfo(name, _FIRST_DAY)
    info.external_attr = 0o600 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, text.encode("utf-8", "replace"))
