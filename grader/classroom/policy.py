"""Read `policy.yaml`, the late policy of a class. Whatever is wrong in it is reported at once, with its place."""

from __future__ import annotations

import math
import re
import typing
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.errors import GradeError, Problem, unreadable
from grader.exercises.yaml import Keys, Spec, word
from grader.model.marks import Policy, moment_of, zone_of
from grader.text import one_line

NAME = "policy.yaml"
_NUMBERS = ("grace_minutes", "percent_per_day", "points_per_day")
_NEED_DUE = (*_NUMBERS, "extensions")
_FIELDS = {
    "due": str,
    "zone": str,
    **dict.fromkeys(_NUMBERS, float),
    "counts": typing.get_type_hints(Policy)["counts"],
    "absent": typing.get_type_hints(Policy)["absent"],
}
_OFFSET = re.compile(r"\d(Z|[+-]\d\d:?\d\d)$")
_TIME = "write a date and a time: `2026-05-04 23:59`"


def read(path: Path) -> Policy:
    """Read a policy. Raise GradeError with all that is wrong."""
    shown = one_line(str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(shown, error) from None
    except UnicodeDecodeError:
        raise GradeError(Problem("it is not UTF-8", "save it as UTF-8 text", shown)) from None
    spec = Spec(shown, text, "the policy")
    if spec.data is None:
        spec.data = {}
    found = spec.fields((), _FIELDS, skip=("extensions",))
    for name in _NUMBERS:
        if not 0 <= found.get(name, 0.0) < math.inf:
            spec.wrong((name,), f"`{name}` is negative", "give 0 or more")
    if found.get("percent_per_day", 0.0) > 100:
        spec.wrong(("percent_per_day",), "`percent_per_day` is more than 100", "give a number from 0 to 100")
    zone = _zone(spec, found)
    if "due" in found:
        found["due"] = _moment(spec, ("due",), found["due"], zone)
    elif needing := next((name for name in (*_NEED_DUE, "counts") if _given(spec, name)), ""):
        spec.wrong((needing, None), f"`{needing}` needs a due date", "add `due: 2026-05-04 23:59`")
    found["extensions"] = _extensions(spec, zone)
    spec.raise_problems()
    found["zone"] = zone or "UTC"
    return Policy(**found)


def _given(spec: Spec, name: str) -> bool:
    return isinstance(spec.data, dict) and name in spec.data and spec.data[name] not in (0, "latest")


def _zone(spec: Spec, found: dict[str, Any]) -> str:
    zone = found.get("zone", "")
    if zone and zone_of(zone) is None:
        help = "name it as `Europe/Berlin` or `+02:00`"
        spec.wrong(("zone",), f"`zone`: {word(zone)} is not a time zone that this machine knows", help)
        return ""
    return str(zone)


def _moment(spec: Spec, path: Keys, value: Any, zone: str) -> datetime | None:
    """Return a due date, in the policy's zone unless it has an offset of its own."""
    text = re.sub(r"\s+(?=[+-]|Z$)", "", value.strip()) if isinstance(value, str) else ""
    found = moment_of(text, zone or "UTC")
    if found is None or len(text) <= len("2026-05-04"):
        spec.wrong(path, f"`{path[-1]}`: {word(value)} is not a date and a time", _TIME)
        return None
    if not zone and not _OFFSET.search(text) and not spec.bad(("zone",)):
        spec.wrong(path, f"`{path[-1]}`: {word(value)} has no time zone", "add `zone: Europe/Berlin`")
    return found


def _extensions(spec: Spec, zone: str) -> dict[str, datetime]:
    written = spec.data.get("extensions") if isinstance(spec.data, dict) else None
    if written is None:
        return {}
    if not isinstance(written, dict):
        spec.wrong(("extensions",), "`extensions` must be a mapping", "write a line `1042: 2026-05-08 23:59` for each")
        return {}
    moments = {id: _moment(spec, ("extensions", id), value, zone) for id, value in written.items()}
    return {id: moment for id, moment in moments.items() if moment is not None}
