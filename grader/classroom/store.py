"""What is known of a class, in one SQLite file that any tool can read: `results.sqlite`.

A result is written in one transaction when it is there, so a crash loses what was being graded and nothing else. WAL
without a flush per commit: a killed process loses nothing that was committed, a power cut perhaps the last moments.
docs/store.md describes the tables; SCHEMA is their version, and a file of another one is left alone.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import msgspec

from grader.errors import EnvironmentTrouble, GradeError, Problem
from grader.files import check_owner, is_own_link
from grader.model.class_ import Entry, Person, Result
from grader.model.report import Report, report_from_json
from grader.model.submission import Submission
from grader.text import one_line

SCHEMA = 1
APPLICATION = 0x67726164  # says `grad` at the head of the file
LEAST = 512  # bytes of a database
NAME = "results.sqlite"
TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, exercise TEXT NOT NULL, name TEXT NOT NULL, late INTEGER NOT NULL,
    entry TEXT NOT NULL, UNIQUE (student, exercise));
CREATE TABLE results (
    id INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE, key TEXT NOT NULL, submission TEXT NOT NULL,
    score REAL NOT NULL, max_score REAL NOT NULL, passed INTEGER NOT NULL, reason TEXT NOT NULL, graded TEXT NOT NULL,
    report TEXT NOT NULL);
CREATE TABLE sources (submission TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE left_out (name TEXT NOT NULL, why TEXT NOT NULL);
CREATE TABLE absent (id TEXT NOT NULL, person TEXT NOT NULL);
CREATE VIEW marks AS
    SELECT student, name, exercise, late, score, max_score, reason, graded
    FROM entries LEFT JOIN results USING (id);
CREATE VIEW checks AS
    SELECT student, exercise, json_extract(value, '$.case') AS "case", json_extract(value, '$.verdict') AS verdict,
           json_extract(value, '$.score') AS score, json_extract(value, '$.max_score') AS max_score
    FROM results JOIN entries USING (id), json_each(report, '$.checks');
CREATE VIEW misconceptions AS
    SELECT student, exercise, misconception.value AS misconception
    FROM results JOIN entries USING (id),
         json_each(report, '$.diagnosis.misconceptions') AS answer, json_each(answer.value) AS misconception;
"""


_Files = tuple[tuple[str, str], ...]


def files(path: Path) -> list[Path]:
    """Return the files that a store at a path has, SQLite's beside it and the lock, too."""
    place = path / NAME if path.is_dir() else path
    return [Path(f"{place}{end}") for end in ("", ".lock", "-wal", "-shm")]


class Store:
    """The file of one class. Use it in a `with` block; `writing` holds it against a second run at the same time.

    Raise GradeError where the file is not what it should be, EnvironmentTrouble where it cannot be written.
    """

    def __init__(self, path: Path, writing: bool = False) -> None:
        self.path = files(path)[0]
        if writing and is_own_link(self.path):
            self.path = Path(os.path.realpath(self.path))  # one's own is followed, so that two runs meet at one file
        if not writing and not self.path.is_file():
            help = f"`grade class PATH --out {one_line(str(self.path))}` makes one"
            raise GradeError(Problem(f"there are no results at `{one_line(str(self.path))}`", help))
        self._held = self._hold() if writing else None
        try:
            with self._named_faults():
                if writing:  # a new one is its owner's alone: it holds everybody's programs and marks, and the answers
                    check_owner(self.path, 0o600)
                    for beside in files(self.path)[2:]:  # SQLite would use those of a stranger
                        check_owner(beside)
                self.db = self._connected(writing)
                try:
                    self._begin(writing)
                except BaseException:
                    self.db.close()
                    raise
        except BaseException:
            self._release()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(sqlite3.Error):  # a full disk must not hide what was wrong before
            self.db.close()
        self._release()

    def _connected(self, writing: bool) -> sqlite3.Connection:
        place = str(self.path)
        if not writing and not os.access(self.path.parent, os.W_OK) and not os.path.exists(f"{place}-wal"):
            place = f"{self.path.absolute().as_uri()}?immutable=1"  # SQLite cannot put files of its own beside it
        return sqlite3.connect(place, isolation_level=None, timeout=20.0, uri=place.startswith("file:"))

    def _begin(self, writing: bool) -> None:
        if 0 < self.path.stat().st_size < LEAST:  # SQLite takes a short text for nothing, and writes over it
            raise self._refused("it is no database", self._other)
        (application,) = self.db.execute("PRAGMA application_id").fetchone()
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        (tables,) = self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables or not writing:
            if application != APPLICATION:
                raise self._refused("it is a database of something else", self._other)
            if version != SCHEMA:
                help = "grade the class again into another file (`--out`), or read it with the grader that wrote it"
                raise self._refused(f"its tables are of version {version}, this grader's are of version {SCHEMA}", help)
        self.db.execute("PRAGMA foreign_keys = ON")
        if not writing:
            self.db.execute("PRAGMA query_only = ON")
            return
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        if not tables:
            head = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA};"
            self.db.executescript(f"BEGIN; {head} {TABLES} COMMIT;")

    def _hold(self) -> sqlite3.Connection:
        """Return a connection that holds an empty file beside the store, until this process ends in whatever way."""
        lock = None
        check_owner(Path(f"{self.path}.lock"), 0o666)
        try:
            lock = sqlite3.connect(f"{self.path}.lock", isolation_level=None, timeout=0.0)
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if lock:
                lock.close()
            place = one_line(str(self.path))
            if "locked" in str(error):
                help = "wait until it has ended, or choose another file with `--out`"
                raise GradeError(Problem(f"another `grade class` is writing `{place}`", help)) from None
            folder = one_line(str(self.path.parent))
            help = "check `--out`" if self.path.parent.is_dir() else f"there is no folder `{folder}`"
            raise EnvironmentTrouble(Problem(f"`{place}` cannot be written: {error}", help)) from None
        return lock

    def _release(self) -> None:
        if self._held:
            self._held.close()
            self._held = None

    def _refused(self, why: str, help: str) -> GradeError:
        return GradeError(Problem(f"`{one_line(str(self.path))}` cannot be used: {why}", help))

    @property
    def _other(self) -> str:
        choose = "choose another file with `--out`" if self._held else "give the file that `grade class` wrote"
        return f"it is no file of results; {choose}"

    @contextlib.contextmanager
    def _named_faults(self) -> Iterator[None]:
        """Turn SQLite's exceptions into sentences: a full disk, a folder that is none, a damaged file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            says = f"`{one_line(str(self.path))}` cannot be written or read: {error}"
            help = (
                "make room, or check `--out`; what was graded before is kept, and the same command goes on from there"
            )
            raise EnvironmentTrouble(Problem(says, help)) from None
        except sqlite3.DatabaseError as error:
            raise self._refused(str(error), self._other) from None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._named_faults():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # after a full disk it is rolled back already
                    self.db.execute("ROLLBACK")
                raise

    def tell(self, facts: Mapping[str, str]) -> None:
        """Write what is to be known of the whole run: layout, grader, isolation."""
        with self._transaction():
            self.db.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", facts.items())

    def about(self) -> dict[str, str]:
        """Return what `tell` wrote."""
        with self._named_faults():
            return dict(self.db.execute("SELECT name, value FROM about"))

    def expect(self, entries: Iterable[Entry]) -> list[tuple[int, int]]:
        """Write what was handed in, replacing what was known of the same student and exercise.

        Return the ids of these entries' rows, as first and last of each stretch without a gap.
        """
        stretches: list[tuple[int, int]] = []
        row = (
            "INSERT INTO entries (student, exercise, name, late, entry) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET name = excluded.name, late = excluded.late, entry = excluded.entry RETURNING id"
        )
        with self._transaction():
            for entry in entries:
                data = msgspec.json.encode(entry).decode()
                found = self.db.execute(row, (entry.student, entry.exercise, entry.name, entry.late, data))
                (id,) = found.fetchone()
                if stretches and stretches[-1][1] == id - 1:
                    stretches[-1] = (stretches[-1][0], id)
                else:
                    stretches.append((id, id))
        return stretches

    def others(self, stretches: Iterable[tuple[int, int]], exercises: Collection[str]) -> list[str]:
        """Return who else is known here, from earlier runs, for these exercises: names, of rows not in `stretches`."""
        edges = [(0, 0), *sorted(stretches), (2**63 - 1, 0)]
        ask = "SELECT name, exercise FROM entries WHERE id > ? AND id < ? ORDER BY id"
        with self._named_faults():
            rows = [row for one, two in pairwise(edges) for row in self.db.execute(ask, (one[1], two[0]))]
        return list(dict.fromkeys(name for name, exercise in rows if exercise in exercises))

    def leave_out(self, names: Iterable[tuple[str, str]], absent: Iterable[Person]) -> None:
        """Write what was not graded and why, and who handed in nothing."""
        with self._transaction():
            self.db.execute("DELETE FROM left_out")
            self.db.execute("DELETE FROM absent")
            self.db.executemany("INSERT INTO left_out VALUES (?, ?)", names)
            people = ((person.id, msgspec.json.encode(person).decode()) for person in absent)
            self.db.executemany("INSERT INTO absent VALUES (?, ?)", people)

    def left_out(self) -> tuple[list[tuple[str, str]], list[Person]]:
        """Return what `leave_out` wrote."""
        with self._named_faults():
            names = self.db.execute("SELECT name, why FROM left_out").fetchall()
            people = [msgspec.json.decode(p, type=Person) for (p,) in self.db.execute("SELECT person FROM absent")]
        return names, people

    def waiting(self, stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, Entry, str]]:
        """Yield these rows: id, entry, and the key of the result that is there, or an empty one."""
        ask = (
            "SELECT id, entry, coalesce(key, '') FROM entries LEFT JOIN results USING (id)"
            " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 100"
        )
        for first, last in stretches:
            while True:
                with self._named_faults():
                    rows = self.db.execute(ask, (first, last)).fetchall()
                for id, entry, key in rows:
                    yield id, msgspec.json.decode(entry, type=Entry), key
                if not rows:
                    break
                first = rows[-1][0] + 1

    def put(self, id: int, key: str, submission: Submission, report: Report, reason: str) -> None:
        """Write a result, in one transaction with the text that was graded."""
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        text = msgspec.json.encode((submission.cells, submission.modules)).decode()
        data = msgspec.json.encode(report).decode()
        row = (id, key, report.submission, report.score, report.max_score, report.passed, reason, now, data)
        with self._transaction():
            if report.submission:
                self.db.execute("INSERT OR IGNORE INTO sources VALUES (?, ?)", (report.submission, text))
            self.db.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def forget(self, id: int) -> None:
        """Take away the result of a row, since it is of another program, exercise or grader than the present one."""
        with self._transaction():
            self.db.execute("DELETE FROM results WHERE id = ?", (id,))

    def results(self, exercises: Iterable[str] = ()) -> Iterator[Result]:
        """Yield all results, student by student, those of some exercises only where any are named."""
        wanted = set(exercises)
        order = "SELECT exercise, entry, report FROM entries JOIN results USING (id)"
        with self._named_faults():
            for exercise, entry, report in self.db.execute(f"{order} ORDER BY student, exercise"):
                if not wanted or exercise in wanted:
                    yield Result(msgspec.json.decode(entry, type=Entry), report_from_json(report.encode()))

    def names(self) -> dict[str, str]:
        """Return the name of each student, by id."""
        with self._named_faults():
            return dict(self.db.execute("SELECT DISTINCT student, name FROM entries"))

    def people(self) -> set[str]:
        """Return the ids of all who handed something in, alone or with others."""
        ask = "SELECT DISTINCT json_extract(value, '$.id') FROM entries, json_each(entry, '$.people')"
        with self._named_faults():
            return {id for (id,) in self.db.execute(ask)}

    def exercises(self) -> list[str]:
        """Return the ids of the exercises that were handed in."""
        with self._named_faults():
            return [id for (id,) in self.db.execute("SELECT DISTINCT exercise FROM entries ORDER BY exercise")]

    def points(self) -> dict[str, float]:
        """Return what can be had for each exercise that was graded."""
        with self._named_faults():
            return dict(self.db.execute("SELECT exercise, max(max_score) FROM marks GROUP BY exercise"))

    def unfinished(self) -> list[Entry]:
        """Return the entries that have no result."""
        ask = "SELECT entry FROM entries LEFT JOIN results USING (id) WHERE key IS NULL ORDER BY student, exercise"
        with self._named_faults():
            return [msgspec.json.decode(entry, type=Entry) for (entry,) in self.db.execute(ask)]

    def programs(self, exercise: str) -> Iterator[Submission]:
        """Yield the programs that were handed in for an exercise, as far as they could be read."""
        ask = (
            "SELECT student, submission, text FROM entries JOIN results USING (id) JOIN sources USING (submission)"
            " WHERE exercise = ? ORDER BY student"
        )
        with self._named_faults():
            for student, id, text in self.db.execute(ask, (exercise,)):
                cells, modules = msgspec.json.decode(text, type=tuple[_Files, _Files])
                yield Submission(id, student, exercise, "python", "", cells, modules)
