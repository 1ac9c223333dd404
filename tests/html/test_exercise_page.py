"""The pages of exercises and the site: complete, linked, and without any secret."""

from __future__ import annotations

import re
from pathlib import Path

from conftest import Grade, solution
from holds import hold_page, name, texts
from made import channels, lock_of
from test_page import SECRET, hidden_lock

from grader.exercises.lock import lock_text
from grader.judging.illustrate import exercise_page
from grader.output.html import exercise as pages


def test_an_exercise_shows_its_task_formula_and_cases(grade: Grade, tmp_path: Path) -> None:
    assert grade("show", "ex3", "--html", "ex3.html").code == 0
    found = hold_page((tmp_path / "ex3.html").read_text(encoding="utf-8"))
    words = " ".join(texts(found))
    for wanted in ("Stride", "def conv2d(input, kernel, bias, padding, stride)", "Σ_u", "stride 2 with padding 1"):
        assert wanted in words
    assert "And 60 generated cases." in words
    assert sum(e.get("class") == "picture" for e in found) == 4
    assert grade("show", "ex3", "--html", "ex3.html").code == 0
    (tmp_path / "mine.html").write_text("<p>mine</p>")
    assert grade("show", "ex3", "--html", "mine.html").code == 2


def test_several_channels_can_be_shown() -> None:
    hold_page(pages.document(exercise_page(channels())))


def test_a_hidden_case_is_only_counted() -> None:
    text = pages.document(exercise_page(hidden_lock()))
    hold_page(text, str(SECRET), "the secret one")
    assert "1 hidden case" in text


def test_a_site_is_complete_and_holds_no_secret(grade: Grade, tmp_path: Path) -> None:
    said = grade("site", "www/cnn")
    assert said.code == 0, said.err
    folder = tmp_path / "www" / "cnn"
    made = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert len(made) == 17 + 3
    for file, text in made.items():
        found = hold_page(text)
        for element in found:
            if name(element) == "a":
                href = element.get("href", "")
                assert href.partition("#")[0] in made or href.startswith("#"), f"{file}: {href}"
    assert len(re.findall('class="card misconception"', made["misconceptions.html"])) > 200
    assert "ex12" in made["errata.html"]
    lines = [line.strip() for i in range(17) for line in solution(f"ex{i}").splitlines()]
    code = {line for line in lines if len(line) > 30 and not line.startswith(('"""', "def ", "#"))}
    assert code
    assert not [line for line in code for text in made.values() if line in text]
    generated = [r for r in lock_of("ex1").references if r.case.startswith("sweep")]
    assert generated
    assert "sweep 1" not in made["ex1.html"]
    assert grade("site", "www/cnn").code == 0  # its own pages are written anew
    (folder / "index.html").write_text("<p>another site</p>")
    assert grade("site", "www/cnn").code == 2
    (tmp_path / "file").write_text("")
    assert "cannot be" in grade("site", "file").err


def test_a_pack_of_ones_own(grade: Grade, tmp_path: Path) -> None:
    lock = hidden_lock()
    pack = tmp_path / "pack"
    pack.mkdir()
    spec = b"# stands for the spec; the lock holds the exercise"
    (pack / "ex1.yaml").write_bytes(spec)
    import hashlib

    import msgspec

    lock = msgspec.structs.replace(lock, spec=hashlib.sha256(spec).hexdigest())
    (pack / "ex1.ref.json").write_bytes(lock_text(lock))
    assert grade("site", "out", "--pack", str(pack)).code == 0
    for path in (tmp_path / "out").iterdir():
        hold_page(path.read_text(encoding="utf-8"), str(SECRET), "the secret one")
