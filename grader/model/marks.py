"""How a mark comes about: a function of the score, the time of submission, the late policy and people's adjustments.

The gradings of a class never change with a policy; only the mark that follows from them does.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from typing import Literal, TypeVar

import msgspec

DAY = 24 * 60 * 60
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_T = TypeVar("_T")


class Adjustment(msgspec.Struct, frozen=True):
    """What a person decided about a mark: points to add, or the points that it `sets`. `id` is the journal's number."""

    id: int
    at: str
    who: str
    points: float
    sets: bool
    why: str


class Comment(msgspec.Struct, frozen=True):
    """What a person wrote about a submission. `id` is the journal's number."""

    id: int
    at: str
    who: str
    text: str


class Change(msgspec.Struct, frozen=True):
    """A mark that went up or down, and why in a few words."""

    student: str
    exercise: str
    old: float
    new: float
    why: str
    name: str = ""


class Submitted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a platform states of the time of a submission.

    `at` is ISO 8601; without an offset it is in the time zone of the policy. `late` is the platform's own flag, or None
    where it has none.
    """

    at: str = ""
    late: bool | None = None


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """The late policy of a class. `extensions` are other due dates, by the student's id.

    Percent of an exercise's maximum, and points, are taken off for each day that has begun after the due date.
    """

    due: datetime.datetime | None = None
    zone: str = "UTC"
    grace_minutes: float = 0.0
    percent_per_day: float = 0.0
    points_per_day: float = 0.0
    counts: Literal["latest", "last on time"] = "latest"
    absent: Literal["empty", "zero"] = "empty"
    extensions: dict[str, datetime.datetime] = {}


NO_POLICY = Policy()


class Lateness(msgspec.Struct, frozen=True, omit_defaults=True):
    """How late a version is: the days that have begun after the due date, and the points that they cost.

    `unknown` means that the platform states no time although the policy needs one, `guessed` that it states only that
    the submission is late: then one day counts.
    """

    late: bool = False
    days: int = 0
    points: float = 0.0
    unknown: bool = False
    guessed: bool = False


def lateness(policy: Policy, when: Submitted, student: str, max_score: float) -> Lateness:
    """Return how late a version is. Without a due date the platform's own flag counts, and costs nothing."""
    if policy.due is None:
        return Lateness(bool(when.late))
    moment = moment_of(when.at, policy.zone)
    if moment is None and when.late is None:
        return Lateness(unknown=True)
    if moment is None:  # a platform's flag does not know this policy's extensions
        days = int(bool(when.late) and student not in policy.extensions)
    else:
        seconds = (moment - policy.extensions.get(student, policy.due)).total_seconds()
        days = math.ceil(seconds / DAY) if seconds > max(60 * policy.grace_minutes, 0) else 0
    points = round(days * (policy.percent_per_day / 100 * max_score + policy.points_per_day), 6)
    return Lateness(days > 0, days, points, guessed=moment is None and days > 0)


def counting(policy: Policy, versions: Sequence[tuple[Submitted, _T]], student: str) -> _T:
    """Return the version that counts: the last one or, if that is late and the policy says so, the last one on time."""
    if policy.counts == "last on time" and lateness(policy, versions[-1][0], student, 0.0).late:
        on_time = [version for when, version in versions if lateness(policy, when, student, 0.0) == Lateness()]
        return on_time[-1] if on_time else versions[-1][1]
    return versions[-1][1]


def mark_of(
    score: float | None, max_score: float, adjustments: Iterable[Adjustment] = (), deduction: float = 0.0
) -> float | None:
    """Return a mark: the score less the deduction, then the adjustments in their order, between 0 and the maximum.

    None while there is no score. Where the grader failed there is neither a score nor a maximum. What a person sets
    replaces the deduction too.
    """
    changed = deduction > 0
    if score is not None and deduction > 0:
        score = max(score - deduction, 0.0)
    for one in adjustments:
        changed = True
        score = one.points if one.sets else None if score is None else score + one.points
    if score is None or not changed:
        return score
    return round(max(min(score, max_score) if max_score else score, 0.0), 6)


def moment_of(text: str, zone: str) -> datetime.datetime | None:
    """Return the moment of an ISO time, in `zone` where it has no offset; None for anything else."""
    try:
        found = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone_of(zone))


def zone_of(text: str) -> datetime.tzinfo | None:
    """Return a time zone by its name (`Europe/Berlin`) or offset (`+02:00`), None where it is not known here."""
    if text == "UTC":
        return datetime.timezone.utc
    if found := _OFFSET.fullmatch(text):
        minutes = int(found[2]) * 60 + int(found[3])
        if minutes < 24 * 60:
            return datetime.timezone(datetime.timedelta(minutes=minutes if found[1] == "+" else -minutes))
    from zoneinfo import ZoneInfo  # not needed where a policy has an offset

    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        return None
