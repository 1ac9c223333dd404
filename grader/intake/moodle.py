"""Moodle's "Download all submissions", with folders or flat: `Jane Doe_123_assignsubmission_file`.

123 is the participant's number, or the group's where groups hand in; in the name before it Moodle leaves no underscore,
so nothing that a student types can stand for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.intake.handed import File, Handed
from grader.intake.place import Found, Layout, LeftOut, Place, count, enough
from grader.model import Person

_NAME = re.compile(r"(?P<name>[^_]*)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL)
_NOBODY = ("participant", "participante", "participant(e)", "partecipante", "teilnehmer/in", "teilnehmer", "deelnemer")


def _match(name: str, folder: bool) -> re.Match[str] | None:
    """Match a name; that of a folder ends after the plugin, up to Moodle 4.0 with an underscore."""
    found = _NAME.fullmatch(name)
    return found if found and bool(found["file"]) != folder else None


def _read(place: Place, forced: bool) -> Found | None:
    folders = sum(1 for name in place.folders if _match(name, folder=True))
    files = sum(1 for name in place.files if _match(name, folder=False))
    if not enough(folders + files, place, forced):
        return None
    parts = [count(number, what) for number, what in ((folders, "folder"), (files, "file")) if number]
    return Found(f"Moodle download: {' and '.join(parts)}", lambda left_out: _handed(place, left_out))


def _handed(place: Place, left_out: LeftOut) -> Iterator[Handed]:
    by_id: dict[str, list[tuple[str, bool]]] = {}
    for names, folder in ((place.folders, True), (place.files, False)):
        for name in names:
            if found := _match(name, folder):
                by_id.setdefault(found["id"], []).append((name, folder))
            else:
                left_out(name, "is not named as Moodle names a submission")
    for id, given in by_id.items():
        yield _one(place, id, given, left_out)


def _one(place: Place, id: str, given: list[tuple[str, bool]], left_out: LeftOut) -> Handed:
    files, folder, original, instead, person = [], "", "", "", Person(id)
    for name, is_folder in given:
        found = _match(name, is_folder)
        assert found
        if found["name"].casefold() not in _NOBODY:
            person = Person(id, name=found["name"])
        if found["plugin"] != "file":
            instead = "a text typed into Moodle"
        elif is_folder and folder:
            left_out(name, f"is a second folder of {id}: {original} counts")
        elif is_folder:
            folder, original = place.at(name), name
        else:
            files.append(File(str(found["file"]), place.at(name), name))
    if folder:
        for file in files:
            left_out(file.original, f"lies beside the folder of {id}, which counts")
        files = []
    return Handed(id, (person,), original or given[0][0], tuple(files), folder, instead)


MOODLE = Layout("moodle", "names as Moodle makes them: `Jane Doe_123_assignsubmission_file`, folders or files", _read)
