"""The file behind a class's results: opened by its owner alone, held by one run at a time, faults named in sentences.

WAL without a flush per commit: a killed process loses nothing that was committed, a power cut perhaps the last moments.
SCHEMA is the version of the tables. An older file is migrated in one transaction, a newer one is refused and stays as
it is. docs/store.md describes the tables.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from grader.classroom.lock_file import hold
from grader.errors import EnvironmentTrouble, GradeError, Problem
from grader.files import check_owner, is_own_link
from grader.text import one_line, shell_word

SCHEMA = 3
APPLICATION = 0x67726164  # `grad`, in the header of the file
LEAST = 512  # bytes; no database is smaller
NAME = "results.sqlite"
TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, exercise TEXT NOT NULL, name TEXT NOT NULL, late INTEGER NOT NULL,
    entry TEXT NOT NULL, UNIQUE (student, exercise));
CREATE TABLE results (
    id INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE, key TEXT NOT NULL, stale INTEGER NOT NULL,
    submission TEXT NOT NULL, score REAL NOT NULL, max_score REAL NOT NULL, passed INTEGER NOT NULL,
    reason TEXT NOT NULL, graded TEXT NOT NULL, report TEXT NOT NULL);
CREATE TABLE outlines (
    id INTEGER PRIMARY KEY REFERENCES results ON DELETE CASCADE, text TEXT NOT NULL, tree TEXT NOT NULL,
    size INTEGER NOT NULL);
CREATE TABLE sources (submission TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE left_out (name TEXT NOT NULL, why TEXT NOT NULL);
CREATE TABLE absent (id TEXT NOT NULL, person TEXT NOT NULL);
"""
JOURNAL = """
CREATE TABLE journal (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, event TEXT NOT NULL,
    student TEXT NOT NULL, exercise TEXT NOT NULL, points REAL, target INTEGER, text TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX journal_of ON journal (student, exercise);
CREATE INDEX journal_by ON journal (event);
CREATE TRIGGER journal_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
TIMES = """
ALTER TABLE entries ADD COLUMN submitted TEXT NOT NULL DEFAULT '{}';
ALTER TABLE results ADD COLUMN submitted TEXT NOT NULL DEFAULT '{}';
ALTER TABLE results ADD COLUMN version TEXT NOT NULL DEFAULT '';
CREATE TABLE earlier (
    id INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE, submitted TEXT NOT NULL, version TEXT NOT NULL,
    report TEXT NOT NULL, UNIQUE (id, submitted));
UPDATE entries SET submitted = '{"late":true}' WHERE late;
UPDATE results SET submitted = '{"late":true}' WHERE id IN (SELECT id FROM entries WHERE late);
"""
VIEWS = """
CREATE VIEW marks AS
    SELECT entries.student, name, entries.exercise, late, score, max_score, reason, graded, stale, results.submitted
    FROM entries LEFT JOIN results ON results.id = entries.id;
CREATE VIEW adjustments AS
    SELECT id, at, who, student, exercise, event, points, text AS why FROM journal
    WHERE event IN ('add', 'set') AND id NOT IN (SELECT target FROM journal WHERE event = 'withdraw');
CREATE VIEW checks AS
    SELECT student, exercise, json_extract(value, '$.case') AS "case", json_extract(value, '$.verdict') AS verdict,
           json_extract(value, '$.score') AS score, json_extract(value, '$.max_score') AS max_score
    FROM results JOIN entries USING (id), json_each(report, '$.checks');
CREATE VIEW misconceptions AS
    SELECT student, exercise, misconception.value AS misconception
    FROM results JOIN entries USING (id),
         json_each(report, '$.diagnosis.misconceptions') AS answer, json_each(answer.value) AS misconception;
"""
PRINTS = """
DELETE FROM outlines;
ALTER TABLE outlines ADD COLUMN prints BLOB NOT NULL DEFAULT x'';
CREATE TABLE files (
    id INTEGER PRIMARY KEY REFERENCES results ON DELETE CASCADE, signature TEXT NOT NULL, submission TEXT NOT NULL);
"""
GRADED = """
INSERT INTO journal (at, who, event, student, exercise, points, text, data)
    SELECT graded, '', 'graded', student, exercise, CASE WHEN key <> '' THEN score END, reason,
           json_object('max_score', max_score, 'submission', submission, 'exercise', '', 'grader', '',
                       'isolation', json_extract(report, '$.isolation.level'))
    FROM results JOIN entries USING (id) ORDER BY id;
"""
_NAMES = "marks", "adjustments", "checks", "misconceptions"
_DROPPED = "".join(f"DROP VIEW IF EXISTS {name}; " for name in _NAMES)
_MIGRATIONS = {1: JOURNAL + GRADED + TIMES + PRINTS, 2: TIMES + PRINTS}  # by the version of the file
_TABLES = {
    version: frozenset(re.findall(r"CREATE TABLE (\w+)", tables))
    for version, tables in ((1, TABLES), (2, TABLES + JOURNAL), (SCHEMA, TABLES + JOURNAL + TIMES + PRINTS))
}
_Self = TypeVar("_Self", bound="Database")


class _Old(Exception):
    """The file has older tables, and is open for reading only."""


def files(path: Path) -> list[Path]:
    """Return the files of a database at a path: itself, its lock and those of SQLite."""
    place = path / NAME if path.is_dir() else path
    return [Path(f"{place}{end}") for end in ("", ".lock", "-wal", "-shm")]


class Database:
    """The file of one class. Use it in a `with` block; `writing` keeps a second run from writing at the same time.

    Raise GradeError where the file is not what it should be, EnvironmentTrouble where it cannot be written.
    """

    def __init__(self, path: Path, writing: bool = False) -> None:
        self.path = files(path)[0]
        if writing and is_own_link(self.path):
            self.path = Path(os.path.realpath(self.path))  # the user's own link is followed: two runs meet at one file
        if not writing and not self.path.is_file():
            help = f"`grade class PATH --out {shell_word(self.path)}` writes them"
            raise GradeError(Problem(f"there are no results at `{one_line(str(self.path))}`", help))
        try:
            self._open(writing)
        except _Old:
            self._open(writing=True)  # which migrates it
            self.__exit__()
            self._open(writing)

    def _open(self, writing: bool) -> None:
        self._held = hold(self.path) if writing else None
        try:
            with self.named_faults():
                if writing:  # a new file is readable by its owner only: it holds all programs, marks and answers
                    check_owner(self.path, 0o600)
                    for beside in files(self.path)[2:]:  # SQLite would use another user's
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

    @property
    def word(self) -> str:
        """The path as it follows `grade report` in a command that is shown; nothing for the default."""
        return "" if str(self.path) == NAME else f" {shell_word(self.path)}"

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(sqlite3.Error):  # a full disk must not hide an earlier error
            self.db.close()
        self._release()

    def _connected(self, writing: bool) -> sqlite3.Connection:
        place = str(self.path)
        if not writing and not os.access(self.path.parent, os.W_OK) and not os.path.exists(f"{place}-wal"):
            place = f"{self.path.absolute().as_uri()}?immutable=1"  # SQLite cannot write its own files beside it
        return sqlite3.connect(place, isolation_level=None, timeout=20.0, uri=place.startswith("file:"))

    def _begin(self, writing: bool) -> None:
        if 0 < self.path.stat().st_size < LEAST:  # SQLite would overwrite a short text
            raise self._refused("it is not a database", self._other)
        (application,) = self.db.execute("PRAGMA application_id").fetchone()
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        (tables,) = self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables or not writing:
            if application != APPLICATION:
                raise self._refused("it is a database of something else", self._other)
            help = "grade the class again into another file (`--out`), or read it with the grader that wrote it"
            if version not in _TABLES:
                raise self._refused(f"its tables are of version {version}, this grader's are of version {SCHEMA}", help)
            if missing := sorted(
                _TABLES[version] - {name for (name,) in self.db.execute("SELECT name FROM sqlite_master")}
            ):
                raise self._refused(f"another version of the grader wrote it, without the table `{missing[0]}`", help)
            if version < SCHEMA and not writing:
                raise _Old
        self.db.execute("PRAGMA foreign_keys = ON")
        if not writing:
            self.db.execute("PRAGMA query_only = ON")
            return
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        if not tables:
            head = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA};"
            self.db.executescript(f"BEGIN; {head} {TABLES} {JOURNAL} {TIMES} {PRINTS} {VIEWS} COMMIT;")
        elif version < SCHEMA:
            steps = f"{_DROPPED} {_MIGRATIONS[version]} {VIEWS} PRAGMA user_version = {SCHEMA};"
            self.db.executescript(f"BEGIN IMMEDIATE; {steps} COMMIT;")

    def _release(self) -> None:
        if self._held:
            self._held.close()
            self._held = None

    def _refused(self, why: str, help: str) -> GradeError:
        return GradeError(Problem(f"`{one_line(str(self.path))}` cannot be used: {why}", help))

    @property
    def _other(self) -> str:
        choose = "choose another file with `--out`" if self._held else "give the file that `grade class` wrote"
        return f"it is not a file of results; {choose}"

    @contextlib.contextmanager
    def named_faults(self) -> Iterator[None]:
        """Turn SQLite's exceptions into sentences: a full disk, a path that is not a folder, a damaged file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            says = f"`{one_line(str(self.path))}` cannot be written or read: {error}"
            help = "make room, or check `--out`; earlier results are kept, and the same command continues from there"
            raise EnvironmentTrouble(Problem(says, help)) from None
        except sqlite3.DatabaseError as error:
            raise self._refused(str(error), self._other) from None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with self.named_faults():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # after a full disk it has been rolled back already
                    self.db.execute("ROLLBACK")
                raise
