"""What is known of a class: who submitted what, and the result of each, written as soon as it is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from grader.classroom import journal
from grader.classroom.database import Database
from grader.model.class_ import Assigned, Entry, LeftOut, Outline, Person, Result
from grader.model.report import Report, report_from_json
from grader.model.submission import Submission

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
            "INSERT INTO entries (student, exercise, name, late, entry) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET name = excluded.name, late = excluded.late, entry = excluded.entry RETURNING id"
        )
        ids: list[int] = []
        with self.transaction():
            for entry in entries:
                data = msgspec.json.encode(entry).decode()
                found = self.db.execute(row, (entry.student, entry.exercise, entry.name, entry.late, data))
                ids += found.fetchone()
        return ids

    def others(self, rows: Collection[int], exercises: Collection[str]) -> list[str]:
        """Return the names of those whose entries for `exercises` are of earlier runs only, not among `rows`."""
        known = set(rows)
        with self.named_faults():
            found = self.db.execute("SELECT id, name, exercise FROM entries ORDER BY id").fetchall()
        return list(dict.fromkeys(name for id, name, exercise in found if exercise in exercises and id not in known))

    def leave_out(self, files: Iterable[LeftOut], absent: Iterable[Person]) -> None:
        """Write what was not graded and why, and who submitted nothing."""
        with self.transaction():
            self.db.execute("DELETE FROM left_out")
            self.db.execute("DELETE FROM absent")
            self.db.executemany("INSERT INTO left_out VALUES (?, ?)", ((file.name, file.why) for file in files))
            people = ((person.id, msgspec.json.encode(person).decode()) for person in absent)
            self.db.executemany("INSERT INTO absent VALUES (?, ?)", people)

    def left_out(self) -> tuple[LeftOut, ...]:
        """Return what was not graded and why."""
        with self.named_faults():
            return tuple(LeftOut(*row) for row in self.db.execute("SELECT name, why FROM left_out"))

    def absent(self) -> tuple[Person, ...]:
        """Return who submitted nothing."""
        with self.named_faults():
            return tuple(msgspec.json.decode(p, type=Person) for (p,) in self.db.execute("SELECT person FROM absent"))

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

    def mark_stale(self, stale: Iterable[int], current: Iterable[int]) -> None:
        """Keep the results of the `stale` rows aside until new ones replace them; those of the `current` rows count."""
        with self.transaction():
            self.db.executemany("UPDATE results SET stale = 1 WHERE id = ?", ((id,) for id in stale))
            self.db.executemany("UPDATE results SET stale = 0 WHERE id = ?", ((id,) for id in current))

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
        row = (
            id,
            key,
            0,
            report.submission,
            report.score,
            report.max_score,
            report.passed,
            reason,
            journal.now(),
            data,
        )
        with self.transaction():
            if report.submission:
                self.db.execute("INSERT OR IGNORE INTO sources VALUES (?, ?)", (report.submission, text))
            self.db.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            if outline:
                self.db.execute("INSERT INTO outlines VALUES (?, ?, ?, ?, ?)", (id, *msgspec.structs.astuple(outline)))
            ask = "SELECT student, exercise FROM entries WHERE id = ?"
            student, exercise = self.db.execute(ask, (id,)).fetchone()
            journal.record_grading(self, student, exercise, report, reason, version)

    def results(self, exercises: Iterable[str] = ()) -> Iterator[Result]:
        """Yield all results, student by student; of some exercises only, if any are named. Stale ones are left out."""
        wanted = set(exercises)
        hand = journal.decisions(self)
        order = (
            "SELECT student, exercise, entry, report, coalesce(tree, '') FROM entries JOIN results USING (id)"
            " LEFT JOIN outlines USING (id) WHERE NOT stale ORDER BY student, exercise"
        )
        with self.named_faults():
            for student, exercise, data, text, tree in self.db.execute(order):
                if not wanted or exercise in wanted:
                    report = report_from_json(text.encode())
                    yield Result(
                        msgspec.json.decode(data, type=Entry),
                        report,
                        hand.adjustments.get((student, exercise), ()),
                        hand.comments_on(student, report, tree),
                    )

    def unfinished(self, exercises: Collection[str]) -> list[Entry]:
        """Return the entries for these exercises that have no result, or a stale one."""
        ask = (
            "SELECT exercise, entry FROM entries LEFT JOIN results USING (id) WHERE coalesce(stale, 1)"
            " ORDER BY student, exercise"
        )
        with self.named_faults():
            rows = self.db.execute(ask).fetchall()
        return [msgspec.json.decode(entry, type=Entry) for exercise, entry in rows if exercise in exercises]

    def outlines(self, exercise: str) -> Iterator[tuple[str, Outline]]:
        """Yield the outlines of the programs for an exercise, with the student who submitted each."""
        ask = (
            "SELECT student, text, tree, size, prints FROM entries JOIN results USING (id) JOIN outlines USING (id)"
            " WHERE exercise = ? AND NOT stale ORDER BY student"
        )
        with self.named_faults():
            for student, *outline in self.db.execute(ask, (exercise,)):
                yield student, Outline(*outline)

    def not_outlined(self, exercise: str) -> int:
        """Return how many programs for an exercise have no outline, because an earlier version graded them."""
        ask = (
            "SELECT count(*) FROM entries JOIN results USING (id) LEFT JOIN outlines USING (id)"
            " WHERE exercise = ? AND NOT stale AND submission <> '' AND key <> '' AND text IS NULL"
        )
        with self.named_faults():
            return int(self.db.execute(ask, (exercise,)).fetchone()[0])

    def sources(self, exercise: str, students: Collection[str] = ()) -> Iterator[tuple[Entry, _Parts]]:
        """Yield the programs for an exercise, of all or some students: the parts of each, with their file names."""
        ask = (
            "SELECT student, entry, text FROM entries JOIN results USING (id) JOIN sources USING (submission)"
            " WHERE exercise = ? AND NOT stale ORDER BY student"
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
