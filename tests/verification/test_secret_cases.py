"""`--secret`: new cases as strong as the published ones, the same for one key; and the key stays where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT, solution
from programs import judged, lock, outcomes, student, submission

from grader.errors import GradeError
from grader.exercises.cases import case_digest
from grader.exercises.lock import lock_text
from grader.exercises.pack import exercise_ids
from grader.exercises.parse import parse
from grader.exercises.points import shares
from grader.model.exercise import Case, Exercise, Lock, Sweep
from grader.model.report import Verdict, to_json
from grader.ops import OpError
from grader.verification import secret_cases
from grader.verification.mutation import mutate

PACK = ROOT / "exercises"
KEY = bytes(range(32))
OTHER = bytes(range(100, 132))


def drawn(it: Lock) -> set[str]:
    """Return the questions of a sweep."""
    return {case_digest(it.exercise, case) for case in it.exercise.cases if case.generated}


def without(it: Lock, generated: bool) -> Exercise:
    """Return an exercise with its written or its generated cases only."""
    cases = tuple(case for case in it.exercise.cases if case.generated is not generated)
    return msgspec.structs.replace(it.exercise, cases=cases)


@pytest.mark.torch
@pytest.mark.parametrize("id", ["ex0", "ex13", "ex16"])
def test_other_cases_of_the_same_form(id: str, torch: Any) -> None:
    published = lock(id)
    secret = secret_cases.derive(published, KEY, torch, PACK)
    assert not drawn(secret) & drawn(published)
    assert len(drawn(secret)) == len(drawn(published))
    assert not mutate(secret.exercise).survived
    assert without(secret, True).cases == without(published, True).cases
    assert [case.name for case in secret.exercise.cases] == [case.name for case in published.exercise.cases]
    assert shares(secret.exercise) == shares(published.exercise)
    assert secret.exercise.sweep == published.exercise.sweep  # the seed of the secret ones is nowhere
    assert [r.case for r in secret.references] == [case.name for case in secret.exercise.cases]
    assert [r.digest for r in secret.references] == [case_digest(secret.exercise, c) for c in secret.exercise.cases]


@pytest.mark.torch
def test_one_key_gives_one_set_of_cases_and_another_key_another(torch: Any) -> None:
    published = lock("ex0")
    first, again = secret_cases.derive(published, KEY, torch, PACK), secret_cases.derive(published, KEY, torch, PACK)
    assert first == again
    other = secret_cases.derive(published, OTHER, torch, PACK)
    assert not drawn(first) & drawn(other)
    assert first.by != other.by


def draws_the_same(text: str) -> bool:
    """Tell whether a spec of ex0 draws the same secret cases as the published one; torch is not needed for that."""
    before, after = lock("ex0").exercise, parse("ex0.yaml", text)
    return secret_cases._meaning(before) == secret_cases._meaning(after)


@pytest.mark.parametrize(
    "old, new, same",
    [
        ("cases:", "# a comment\ncases:", True),
        ("\n", "\r\n", True),
        ("title: Element-wise product", "title: Product", True),
        ("elementwise_product(a, b)", "elementwise_product( a,b )", True),
        ("- name: slide", "- name: first", True),
        ("elementwise_product(a, b)", "product(a, b)", False),
        ("[1, 1, 2]", "[1, 1, 3]", False),
        ("count: 40", "count: 41", False),
        ("seed: 0", "seed: 1", False),
        ("sweep:", "limits: {time_limit: 3}\nsweep:", False),
    ],
)
def test_secret_cases_depend_on_what_the_exercise_asks_not_on_the_files_bytes(old: str, new: str, same: bool) -> None:
    text = (ROOT / "exercises" / "ex0.yaml").read_text(encoding="utf-8")
    assert old in text
    assert draws_the_same(text.replace(old, new)) is same


@pytest.mark.torch
def test_a_comment_draws_no_other_cases(torch: Any) -> None:
    edited = msgspec.structs.replace(lock("ex0"), spec="0" * 64)  # the digest of the file's bytes
    published = drawn(secret_cases.derive(lock("ex0"), KEY, torch, PACK))
    assert drawn(secret_cases.derive(edited, KEY, torch, PACK)) == published


@pytest.mark.torch
def test_it_is_recorded_that_it_was_done_and_the_key_is_not(torch: Any) -> None:
    secret = secret_cases.derive(lock("ex0"), KEY, torch, PACK)
    assert secret.by == f"torch 2.13.0, secret cases (key {secret_cases.tag(KEY)})"
    assert len(secret_cases.tag(KEY)) == 8
    assert secret_cases.tag(KEY) != secret_cases.tag(OTHER)
    text = lock_text(secret).decode() + to_json(secret).decode()
    assert KEY.hex() not in text
    assert secret_cases.tag(KEY) in text
    older = msgspec.structs.replace(lock("ex0"), by="torch 2.4.0")
    assert secret_cases.derive(older, KEY, torch, PACK).by.startswith("torch 2.4.0, secret cases by torch 2.13.0 (key ")


QUICK = ("ex0", "ex5", "ex13")


@pytest.mark.torch
@pytest.mark.parametrize(
    "id",
    [
        pytest.param(id, marks=() if id in QUICK else pytest.mark.long)
        for id in exercise_ids(ROOT / "exercises")
        if id != "ex4"
    ],
)
def test_secret_cases_of_the_course_and_their_model_solutions(id: str, torch: Any) -> None:
    secret = secret_cases.derive(lock(id), KEY, torch, PACK)
    given = outcomes(secret, student(secret, solution(id)))
    checks = judged(secret, submission(id, solution(id)), given)
    assert {check.verdict for check in checks} == {Verdict.correct}


@pytest.mark.torch
def test_a_weak_draw_is_drawn_again(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    draws: list[tuple[Case, ...]] = []

    def draw(exercise: Exercise, seed: int) -> tuple[Case, ...]:
        draws.append(real(exercise, seed)[: 1 if len(draws) < 2 else 60])
        return draws[-1]

    real = secret_cases._drawn
    monkeypatch.setattr(secret_cases, "_drawn", draw)
    swept = msgspec.structs.replace(lock("ex5"), exercise=without(lock("ex5"), False))
    secret = secret_cases.derive(swept, KEY, torch, PACK)
    assert [len(cases) for cases in draws] == [1, 1, 60]
    assert len({case_digest(secret.exercise, cases[0]) for cases in draws}) == 3
    assert not mutate(secret.exercise).survived


def test_where_no_draw_is_strong_enough() -> None:
    """What sixty cases catch, one case does not."""
    one = msgspec.structs.replace(without(lock("ex5"), False), sweep=Sweep(count=1))
    with pytest.raises(GradeError, match="`ex5`: none of 20 secret sweeps catches") as caught:
        secret_cases.derive(msgspec.structs.replace(lock("ex5"), exercise=one), KEY, None, PACK)
    assert "help: raise `count`" in str(caught.value)


@pytest.mark.parametrize("sweep, says", [(None, "no sweep"), (Sweep(count="all"), "every possible case")])
def test_an_exercise_that_cannot_have_secret_cases_stays_as_it_is(sweep: Sweep | None, says: str) -> None:
    it = msgspec.structs.replace(lock("ex0"), exercise=msgspec.structs.replace(lock("ex0").exercise, sweep=sweep))
    assert says in secret_cases.unchanged(it.exercise)
    assert secret_cases.derive(it, KEY, None, PACK) is it


def test_ex4_asks_everything_already() -> None:
    assert secret_cases.unchanged(lock("ex4").exercise)
    assert not secret_cases.unchanged(lock("ex0").exercise)


def test_a_sweep_that_has_no_more_cases_to_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> Any:
        raise OpError("only 3 different cases can be drawn")

    monkeypatch.setattr(secret_cases, "draw_sweep", exhausted)
    with pytest.raises(GradeError, match="none of 20 secret sweeps"):
        secret_cases.derive(lock("ex0"), KEY, None, PACK)


@pytest.mark.parametrize(
    "content, says",
    [
        (None, "cannot be read"),
        (b"", "has 0 bytes"),
        (b"secret", "has 6 bytes"),
        (b"0123456789abcde", "has 15 bytes"),
        (b"\0" * 32, "consists of 1 different bytes"),
        (b"abcabcabcabcabcabcabc", "consists of 3 different bytes"),
        (bytes(range(256)) * 17, "more than 4096 bytes"),
    ],
)
def test_what_is_no_key(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GradeError, match=says) as caught:
        secret_cases.key(path)
    assert "/dev/urandom" in str(caught.value)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(GradeError, match="cannot be read: Is a directory"):
        secret_cases.key(tmp_path)


def test_a_key_is_read_as_it_is_and_who_else_can_read_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\r\n")
    assert secret_cases.key(path) == KEY + b"\r\n"
    path.chmod(0o644)
    assert secret_cases.exposed(path) == f"other users of this machine can read the key: `chmod 600 {path}`"
    path.chmod(0o600)
    assert secret_cases.exposed(path) == ""
    assert secret_cases.exposed(tmp_path / "none") == ""
