"""What is known of a class: who submitted what, and the result of each, written as soon as it is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from grader.classroom import journal
from grader.classroom.absent import absent_people, absent_results
from grader.classroom.database import Database
from grader.model.class_ import Assigned, Entry, LeftOut, Outline, Person, Result
from grader.model.marks import Submitted, counting, lateness
from grader.model.report import Report, report_from_json
from grader.model.submission import Submission

_FORGET = "DELETE FROM absent WHERE id NOT IN (SELECT student FROM journal WHERE event IN ('add', 'set'))"
_Parts = tuple[tuple[str, str], ...]


class Known(NamedTuple):
    """A result: the entry as JSON, the key; the signature of the program's file and its digest, if that is enough."""

    entry: str
    key: str
    signature: str
    submission: str


class Store(Database):
    """The results of one class: a Database with its queries. Each method is one transaction or one question."""

    def describe(self, facts: Mapping[str, str]) -> None:
        """Write facts of the whole run: layout, isolation, who computed the answers."""
        with self.transaction():
            self.db.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", facts.items())

    def about(self) -> dict[str, str]:
        """Return the facts that `describe` wrote."""
        with self.named_faults():
            return dict(self.db.execute("SELECT name, value FROM about"))

    def assign(self, exercises: Mapping[str, Assigned]) -> None:
        """Write the exercises of a run: titles and points come from here, never from a single result."""
        known = {**self.assigned(), **exercises}
        self.describe({"exercises": msgspec.json.encode(known).decode()})

    def assigned(self) -> dict[str, Assigned]:
        """Return the exercises of all runs."""
        return msgspec.json.decode(self.about().get("exercises", "{}"), type=dict[str, Assigned])

    def expect(self, entries: Iterable[Entry]) -> list[int]:
        """Write entries, replacing earlier ones of the same student and exercise, and return the ids of their rows."""
        row = (
            "INSERT INTO entries (student, exercise, name, late, entry, submitted) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET name = excluded.name, late = excluded.late, entry = excluded.entry,"
            " submitted = excluded.submitted RETURNING id"
        )
        ids: list[int] = []
        with self.transaction():
            for entry in entries:
                data, times = (msgspec.json.encode(item).decode() for item in (entry, entry.times))
                found = self.db.execute(row, (entry.student, entry.exercise, entry.name, entry.late, data, times))
                ids += found.fetchone()
        return ids

    def others(self, rows: Collection[int], exercises: Collection[str]) -> list[str]:
        """Return the names of those whose entries for `exercises` are of earlier runs only, not among `rows`."""
        known = set(rows)
        with self.named_faults():
            found = self.db.execute("SELECT id, name, exercise FROM entries ORDER BY id").fetchall()
        return list(dict.fromkeys(name for id, name, exercise in found if exercise in exercises and id not in known))

    def leave_out(self, files: Iterable[LeftOut], absent: Iterable[Person], whole: bool = True) -> None:
        """Write what was not graded and why, and who submitted nothing.

        Only what is known of the `whole` class says that somebody is not in it any more; even then whoever has a mark
        by hand stays.
        """
        people = [(person.id, msgspec.json.encode(person).decode()) for person in absent]
        with self.transaction():
            self.db.execute("DELETE FROM left_out")
            self.db.executemany("INSERT INTO left_out VALUES (?, ?)", ((file.name, file.why) for file in files))
            if whole:
                self.db.execute(_FORGET)
            self.db.executemany("DELETE FROM absent WHERE id = ?", ((id,) for id, _ in people))
            self.db.executemany("INSERT INTO absent VALUES (?, ?)", people)

    def left_out(self) -> tuple[LeftOut, ...]:
        """Return what was not graded and why."""
        with self.named_faults():
            return tuple(LeftOut(*row) for row in self.db.execute("SELECT name, why FROM left_out"))

    def absent(self) -> tuple[Person, ...]:
        """Return who is on the roster and never submitted anything."""
        return tuple(absent_people(self))

    def row(self, id: int) -> tuple[Entry, str]:
        """Return the entry of a row, and the key of its result or an empty one."""
        ask = "SELECT entry, coalesce(key, '') FROM entries LEFT JOIN results USING (id) WHERE id = ?"
        with self.named_faults():
            entry, key = self.db.execute(ask, (id,)).fetchone()
        return msgspec.json.decode(entry, type=Entry), key

    def known(self) -> dict[int, Known]:
        """Return the results of all rows, and what their programs were read from."""
        ask = (
            "SELECT id, entry, key, coalesce(files.signature, ''), coalesce(files.submission, '')"
            " FROM entries JOIN results USING (id) LEFT JOIN files USING (id)"
        )
        with self.named_faults():
            return {id: Known(*row) for id, *row in self.db.execute(ask)}

    def remember_files(self, files: Iterable[tuple[int, str, str]]) -> None:
        """Write from what programs were read: the rows of their results, signatures, and digests of the programs."""
        with self.transaction():
            ask = "INSERT OR REPLACE INTO files SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM results WHERE id = ?1)"
            self.db.executemany(ask, files)

    def mark_stale(self, stale: Iterable[int], current: Collection[int]) -> None:
        """Note which results wait to be replaced (`stale`), and that those of the `current` rows do not.

        What was submitted again without a change has its new time from now on.
        """
        with self.transaction():
            self.db.executemany("UPDATE results SET stale = 1 WHERE id = ?", ((id,) for id in stale))
            self.db.executemany("UPDATE results SET stale = 0 WHERE id = ?", ((id,) for id in current))
            ask = "SELECT id, student, exercise, entries.submitted FROM entries JOIN results USING (id)"
            ask += " WHERE results.submitted <> entries.submitted AND entries.submitted <> '{}'"
            for id, student, exercise, times in self.db.execute(ask).fetchall():
                if id in current:
                    self._keep_earlier(id, times)
                    self.db.execute("UPDATE results SET submitted = ? WHERE id = ?", (times, id))
                    journal.record(self, "submitted", student, exercise, data=times)

    def _keep_earlier(self, id: int, times: str) -> None:
        """Keep a result beside the one of a version that was submitted at other times; one of no known time is not."""
        ask = "INSERT OR REPLACE INTO earlier SELECT id, submitted, version, report FROM results"
        self.db.execute(f"{ask} WHERE id = ? AND submitted NOT IN ('{{}}', ?)", (id, times))

    def save(
        self,
        id: int,
        key: str,
        submission: Submission,
        report: Report,
        reason: str,
        outline: Outline | None = None,
        version: str = "",
    ) -> None:
        """Write a result in place of an earlier one, in one transaction with the journal, the program and its outline.

        `version` is the digest of the exercise.
        """
        text = msgspec.json.encode((submission.cells, submission.modules)).decode()
        data = msgspec.json.encode(report).decode()
        with self.transaction():
            of, times = self.db.execute("SELECT entry, submitted FROM entries WHERE id = ?", (id,)).fetchone()
            self._keep_earlier(id, times)
            if report.submission:
                self.db.execute("INSERT OR IGNORE INTO sources VALUES (?, ?)", (report.submission, text))
            scores = (report.score, report.max_score, report.passed, reason, journal.now())
            row = (id, key, 0, report.submission, *scores, data, times, version)
            self.db.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            if outline:
                self.db.execute("INSERT INTO outlines VALUES (?, ?, ?, ?, ?)", (id, *msgspec.structs.astuple(outline)))
            journal.record_grading(self, msgspec.json.decode(of, type=Entry), report, reason, version)

    def results(self, exercises: Iterable[str] = ()) -> Iterator[Result]:
        """Yield all results, student by student; of some exercises only, if any are named.

        Those of students who submitted nothing and have a mark come last.
        """
        wanted = set(exercises)
        hand, policy, assigned = journal.decisions(self), journal.policy(self), self.assigned()
        order = (
            "SELECT id, student, exercise, entry, report, coalesce(tree, ''), results.submitted, version, stale"
            " FROM entries JOIN results USING (id) LEFT JOIN outlines USING (id) ORDER BY student, exercise"
        )
        with self.named_faults():
            for id, student, exercise, data, text, tree, times, version, stale in self.db.execute(order):
                if wanted and exercise not in wanted:
                    continue
                when, present = msgspec.json.decode(times, type=Submitted), (text, version, stale)
                versions = [*self._earlier(id), (when, (when, *present))] if policy.counts != "latest" else []
                when, text, version, stale = counting(policy, versions, student) if versions else (when, *present)
                entry, report = msgspec.json.decode(data, type=Entry), report_from_json(text.encode())
                known = assigned.get(exercise)
                changed = known is not None and known.version not in ("", version) and version != ""
                yield Result(
                    entry,
                    report,
                    hand.of(entry),
                    hand.comments_on(student, report, tree),
                    lateness(policy, when, student, report.max_score),
                    "exercise" if changed else "program" if stale else "",
                    when,
                    text is not present[0],
                )
        yield from absent_results(self, wanted, assigned, hand, policy)

    def _earlier(self, id: int) -> list[tuple[Submitted, tuple[Submitted, str, str, int]]]:
        """Return the versions of a submission before the present one."""
        found = self.db.execute("SELECT submitted, version, report FROM earlier WHERE id = ? ORDER BY rowid", (id,))
        times = ((msgspec.json.decode(times, type=Submitted), version, text) for times, version, text in found)
        return [(when, (when, text, version, 0)) for when, version, text in times]

    def unfinished(self, exercises: Collection[str]) -> list[Entry]:
        """Return the entries for these exercises that have no result."""
        ask = (
            "SELECT exercise, entry FROM entries LEFT JOIN results USING (id) WHERE results.id IS NULL"
            " ORDER BY student, exercise"
        )
        with self.named_faults():
            rows = self.db.execute(ask).fetchall()
        return [msgspec.json.decode(entry, type=Entry) for exercise, entry in rows if exercise in exercises]

    def stale(self, exercises: Collection[str]) -> int:
        """Return how many results for these exercises wait to be replaced."""
        with self.named_faults():
            rows = self.db.execute("SELECT exercise FROM entries JOIN results USING (id) WHERE stale").fetchall()
        return sum(exercise in exercises for (exercise,) in rows)

    def outlines(self, exercise: str) -> Iterator[tuple[str, Outline]]:
        """Yield the outlines of the programs for an exercise, with the student who submitted each."""
        ask = (
            "SELECT student, text, tree, size, prints FROM entries JOIN results USING (id) JOIN outlines USING (id)"
            " WHERE exercise = ? ORDER BY student"
        )
        with self.named_faults():
            for student, *outline in self.db.execute(ask, (exercise,)):
                yield student, Outline(*outline)

    def not_outlined(self, exercise: str) -> int:
        """Return how many programs for an exercise have no outline, because an earlier version graded them."""
        ask = (
            "SELECT count(*) FROM entries JOIN results USING (id) LEFT JOIN outlines USING (id)"
            " WHERE exercise = ? AND submission <> '' AND key <> '' AND text IS NULL"
        )
        with self.named_faults():
            return int(self.db.execute(ask, (exercise,)).fetchone()[0])

    def sources(self, exercise: str, students: Collection[str] = ()) -> Iterator[tuple[Entry, _Parts]]:
        """Yield the programs for an exercise, of all or some students: the parts of each, with their file names."""
        ask = (
            "SELECT student, entry, text FROM entries JOIN results USING (id) JOIN sources USING (submission)"
            " WHERE exercise = ? ORDER BY student"
        )
        with self.named_faults():
            for student, entry, text in self.db.execute(ask, (exercise,)):
                if not students or student in students:
                    cells, modules = msgspec.json.decode(text, type=tuple[_Parts, _Parts])
                    yield msgspec.json.decode(entry, type=Entry), (*cells, *modules)

    def entries(self, exercise: str) -> list[Entry]:
        """Return all entries for an exercise, by student."""
        with self.named_faults():
            found = self.db.execute("SELECT entry FROM entries WHERE exercise = ? ORDER BY student", (exercise,))
            return [msgspec.json.decode(entry, type=Entry) for (entry,) in found]

    def begin_run(self, summary: str) -> int:
        """Write that a run begins, and return the number of the event."""
        with self.transaction():
            return journal.record(self, "run", text=summary)

    def names(self) -> dict[str, str]:
        """Return the name of each student, by id."""
        with self.named_faults():
            return dict(self.db.execute("SELECT DISTINCT student, name FROM entries"))

    def people(self) -> set[str]:
        """Return the ids of all who submitted something, alone or with others, and of their submissions."""
        ask = "SELECT json_extract(value, '$.id') FROM entries, json_each(entry, '$.people')"
        ask += " UNION SELECT student FROM entries"
        with self.named_faults():
            return {id for (id,) in self.db.execute(ask)}

    def exercises(self) -> list[str]:
        """Return the ids of the exercises that were submitted."""
        with self.named_faults():
            return [id for (id,) in self.db.execute("SELECT DISTINCT exercise FROM entries ORDER BY exercise")]
