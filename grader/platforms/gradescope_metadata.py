"""Read Gradescope's `submission_metadata.yml` event by event: who submitted each folder, and when.

The file also contains text by students, so only the needed fields are kept, and no alias, tag or depth is followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from grader.errors import GradeError, Problem
from grader.model.class_ import Person
from grader.submissions.plain import Refused, regular
from grader.text import one_line

MOST_BYTES = 256 << 20
MOST_DEPTH = 40
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,6})?\d* ?(Z|UTC|[+-]\d\d:?\d\d)?")


class Submitted(NamedTuple):
    """A folder: who submitted it, and when, in seconds."""

    folder: str
    people: tuple[Person, ...]
    created: float

    @property
    def at(self) -> str:
        """The time in ISO 8601, or an empty text where the file states none."""
        return datetime.fromtimestamp(self.created, timezone.utc).isoformat(timespec="seconds") if self.created else ""

    @property
    def student(self) -> str:
        """The sids of those who submitted it, or their emails; the submission's id where there is neither."""
        ids = sorted({person.id for person in self.people})
        return "+".join(ids) if ids and all(ids) else self.folder.rpartition("_")[2]


def submitted(path: str) -> list[Submitted]:
    """Return the submission in each folder. Raise GradeError, with file and line, where the file is broken."""
    shown = one_line(path)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with regular(Path(path)) as file:
            if os.fstat(file.fileno()).st_size > MOST_BYTES:
                says = f"the file is larger than {MOST_BYTES >> 20} MiB"
                raise GradeError(Problem(says, "remove its `:history:` parts", shown))
            events = _Events(yaml.parse(file, Loader=loader), shown)
            return list(events.submissions())
    except Refused as refusal:
        raise GradeError(Problem(str(refusal), "download the submissions from Gradescope again", shown)) from None
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{shown}:{mark.line + 1}:{mark.column + 1}" if mark else shown
        says = f"this is not valid YAML: {one_line(str(getattr(error, 'problem', '') or error), 80)}"
        raise GradeError(Problem(says, "download the submissions from Gradescope again", at)) from None


class _Events:
    """Reads a YAML file once and keeps the needed fields. Keys are Ruby's symbols: `:sid` is `sid`."""

    def __init__(self, events: Iterator[Any], file: str) -> None:
        self._events, self._file, self._depth = events, file, 0

    def submissions(self) -> Iterator[Submitted]:
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                for key, value in self._pairs():
                    yield self._submission(key, value)
                return
            if isinstance(event, yaml.NodeEvent):
                raise self._wrong(event, "the file should begin with `submission_1:`")

    def _submission(self, folder: str, event: Any) -> Submitted:
        people: list[Person] = []
        created = 0.0
        for key, value in self._pairs_of(event):
            if key == "submitters":
                people += [self._person(item) for item in self._items_of(value)]
            elif key == "created_at":
                created = self._time(value)
            else:
                self._skip(value)
        return Submitted(folder, tuple(people), created)

    def _person(self, event: Any) -> Person:
        fields = {key: self._text(value) for key, value in self._pairs_of(event)}
        email = one_line(fields.get("email", ""))
        return Person(fields.get("sid", "").strip() or email, one_line(fields.get("name", "")), email)

    def _time(self, event: Any) -> float:
        """Return a time in seconds, or 0 for anything else. Ruby writes a time with a zone as a mapping with `utc`."""
        text = ""
        if isinstance(event, yaml.MappingStartEvent):
            for key, value in self._pairs():
                if key == "utc":
                    text = self._text(value)
                else:
                    self._skip(value)
        else:
            text = self._text(event)
        found = _TIME.fullmatch(text.strip())
        if not found:
            return 0.0
        zone = (found[4] or "Z").replace("Z", "+0000").replace("UTC", "+0000").replace(":", "")
        fraction = (found[3] or ".0").ljust(7, "0")
        try:
            moment = datetime.strptime(f"{found[1]} {found[2]}{fraction}{zone}", "%Y-%m-%d %H:%M:%S.%f%z")
        except ValueError:
            return 0.0
        return moment.astimezone(timezone.utc).timestamp()

    def _pairs_of(self, event: Any) -> Iterator[tuple[str, Any]]:
        if not isinstance(event, yaml.MappingStartEvent):
            raise self._wrong(event, "`key: value` lines are expected here")
        return self._pairs()

    def _items_of(self, event: Any) -> Iterator[Any]:
        if not isinstance(event, yaml.SequenceStartEvent):
            raise self._wrong(event, "a list is expected here")
        while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
            yield item

    def _pairs(self) -> Iterator[tuple[str, Any]]:
        """Yield the keys of a mapping, each with its value's first event; the caller must read the value to its end."""
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            name = self._text(key).removeprefix(":")
            yield name, next(self._events)

    def _text(self, event: Any) -> str:
        if isinstance(event, yaml.ScalarEvent):
            plain = str(event.value)
            return "" if event.implicit[0] and plain in ("~", "null") else plain
        raise self._wrong(event, "a word is expected here, not an alias")

    def _skip(self, event: Any) -> None:
        """Read a value of any form to its end."""
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH:
                raise self._wrong(event, f"lists and mappings are deeper than {MOST_DEPTH} here")
            if not depth:
                return
            event = next(self._events)

    def _wrong(self, event: Any, says: str) -> GradeError:
        mark = event.start_mark
        help = "download the submissions from Gradescope again"
        return GradeError(Problem(says, help, f"{self._file}:{mark.line + 1}:{mark.column + 1}"))
