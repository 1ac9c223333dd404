"""Students who submitted nothing: they can have a mark all the same, by hand or because the policy counts 0."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from grader.classroom.database import Database
from grader.classroom.journal import Decisions
from grader.model.class_ import Assigned, Entry, Person, Result
from grader.model.marks import Policy
from grader.model.report import Isolation, Report

NOTHING = "nothing was submitted"


def absent_people(base: Database) -> list[Person]:
    """Return who is on the roster and never submitted anything, alone or with others."""
    ask = "SELECT id, person FROM absent ORDER BY rowid"
    seen = "SELECT student FROM entries UNION"
    seen += " SELECT json_extract(value, '$.id') FROM entries, json_each(entry, '$.people')"
    with base.named_faults():
        found = base.db.execute(ask).fetchall()
        known = {id for (id,) in base.db.execute(seen)} if found else set()
    return [msgspec.json.decode(person, type=Person) for id, person in found if id not in known]


def absent_entries(base: Database, exercises: Collection[str]) -> list[Entry]:
    """Return an entry for each of these people and exercises, as if they had submitted it without a file."""
    return [Entry(one.id, id, "", (one,), problem=NOTHING) for one in absent_people(base) for id in exercises]


def absent_results(
    base: Database, wanted: Collection[str], assigned: Mapping[str, Assigned], hand: Decisions, policy: Policy
) -> Iterator[Result]:
    """Yield a result for each of them who has a mark, of the `wanted` exercises or of all."""
    for entry in absent_entries(base, [id for id in sorted(assigned) if not wanted or id in wanted]):
        of, adjustments = assigned[entry.exercise], hand.of(entry)
        if adjustments or (policy.absent == "zero" and not of.optional):
            isolation = Isolation("none", "nothing was run", ())
            texts = 1, entry.exercise, of.title, "", entry.student
            report = Report(*texts, (), 0.0, of.points, 0.0, {}, isolation)
            yield Result(entry, report, adjustments, absent=True)
