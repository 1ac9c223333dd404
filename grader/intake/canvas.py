"""Canvas' "Download submissions": one flat folder, and who it was in each name, before what the student chose.

`doejane_LATE_1042_99120_conv.py` is user 1042's attachment 99120. A student can name a file so that its tail looks like
another's; the first place that fits is Canvas' own. Of one file uploaded again (`conv-1.py`) the highest number counts,
then the highest attachment: the latest, late or not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.intake.handed import File, Handed
from grader.intake.place import Found, Layout, LeftOut, Place, count, enough
from grader.model import Person

_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?!LATE_)(?P<id>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL
)
_FILE = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL)
_ANONYMOUS_TEXT = re.compile(r"(?P<late>LATE_)?anon_(?!LATE_)(?P<id>[A-Za-z0-9]+)_(?P<kind>text|link)\.html")
_TEXT = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<kind>text|link)\.html", re.DOTALL)
_AGAIN = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,6})", re.DOTALL)
_KINDS = {"text": "a text typed into Canvas", "link": "a link to a website"}


class _Upload(NamedTuple):
    """A file as Canvas names it: the student's name for it without the number of a repeated upload, and that number."""

    name: str
    number: int
    attachment: int
    file: File


def _match(name: str) -> re.Match[str] | None:
    for pattern in (_ANONYMOUS, _FILE, _ANONYMOUS_TEXT, _TEXT):
        if found := pattern.fullmatch(name):
            return found
    return None


def _read(place: Place, forced: bool) -> Found | None:
    fitting = sum(1 for name in place.files if _match(name))
    if not enough(fitting, place, forced):
        return None
    return Found(f"Canvas download: {count(fitting, 'file')}", lambda left_out: _handed(place, left_out))


def _handed(place: Place, left_out: LeftOut) -> Iterator[Handed]:
    by_id: dict[str, list[str]] = {}
    for name in place.files:
        if found := _match(name):
            by_id.setdefault(found["id"], []).append(name)
        else:
            left_out(name, "is not named as Canvas names a submission")
    for name in place.folders:
        left_out(name, "is a folder; a Canvas download has none")
    for id, names in by_id.items():
        yield _one(place, id, names, left_out)


def _one(place: Place, id: str, names: Sequence[str], left_out: LeftOut) -> Handed:
    files, instead, late, person = [], "", False, Person(id)
    for name in names:
        found = _match(name)
        assert found
        late = late or bool(found["late"])
        if not person.name:
            person = Person(id, name=found.groupdict().get("name") or "")
        if "kind" in found.groupdict():
            instead = _KINDS[found["kind"]]
            continue
        file = File(found["file"], place.at(name), name, late=bool(found["late"]))
        stem, suffix = os.path.splitext(file.name)
        again = _AGAIN.fullmatch(stem)
        number = int(again["number"]) if again else 0
        files.append(
            _Upload(f"{again['stem']}{suffix}" if again else file.name, number, int(found["attachment"]), file)
        )
    latest = _latest(files, {id.casefold() for id in place.known}, left_out)
    return Handed(id, (person,), names[0], latest, instead=instead, late=late)


def _latest(uploads: Sequence[_Upload], known: set[str], left_out: LeftOut) -> tuple[File, ...]:
    """Keep the latest upload of each file. `part-2.py` is one of `part.py` only if that is here or an exercise is."""
    plain = {upload.name.casefold() for upload in uploads if not upload.number}
    best: dict[str, _Upload] = {}
    for upload in sorted(uploads, key=lambda upload: (upload.number, upload.attachment)):
        stem = os.path.splitext(upload.name)[0].casefold()
        if upload.number and stem not in known and upload.name.casefold() not in plain:
            upload = upload._replace(name=upload.file.name)
        before = best.get(upload.name.casefold())
        if before:
            left_out(before.file.original, f"was uploaded again: {upload.file.original} counts")
        best[upload.name.casefold()] = upload
    return tuple(upload.file._replace(name=upload.name) for upload in best.values())


CANVAS = Layout(
    "canvas", "files named as Canvas names them: `doejane_1042_99120_conv.py` (name, user id, attachment, file)", _read
)
