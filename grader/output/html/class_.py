"""The class as a page for its instructor: how the marks lie, what has not been understood, and by whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.model.class_ import ExerciseView, Listed, Mark, Unnamed
from grader.model.page import ClassPage, Details, Matrix, Programs
from grader.numbers import as_points
from grader.output import class_text
from grader.output.html.charts import bar, histogram, strip
from grader.output.html.document import Element, Node, Nodes, h, page, prose
from grader.output.html.student import example
from grader.output.side_by_side import rows
from grader.text import one_line

MOST_NAMES = 200  # of one list that is folded up
MOST_GROUPS = 12  # of equal wrong answers


def document(it: ClassPage) -> str:
    """Return the whole page."""
    view = it.view
    body: list[Nodes] = [h("h1", "Class"), h("p", _summary(it), class_="soft")]
    if len(view.exercises) > 1:
        links = [h("a", one_line(e.exercise, 40), href=f"#exercise-{i + 1}") for i, e in enumerate(view.exercises)]
        body.append(h("nav", [*links, h("a", "students", href="#students")], aria_label="Exercises"))
    for i, seen in enumerate(view.exercises):
        details = it.details.get(seen.exercise, Details())
        body.append(h("article", list(_exercise(it, seen, details)), id=f"exercise-{i + 1}"))
    body += _changes(it)
    body += _students(it)
    for name, lines in class_text.people(view):
        body += [h("h2", _capital(name)), h("ul", [h("li", line) for line in lines])]
    titles = [exercise.title for exercise in view.exercises]
    return page(
        f"Class · {titles[0]}" if len(titles) == 1 else "Class",
        body,
        h("footer", h("p", "Made by torch-grader.")),
        wide=True,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _summary(it: ClassPage) -> str:
    kinds = [_many(it.view.students, "student"), _many(len(it.view.exercises), "exercise")]
    if it.anonymous:
        kinds.append("names replaced by pseudonyms")
    return ", ".join(kinds)


def _exercise(it: ClassPage, seen: ExerciseView, details: Details) -> Iterator[Node]:
    yield h("p", seen.exercise, class_="kicker")
    yield h("h2", seen.title)
    yield h("p", class_text.counts(seen))
    if seen.marks:
        yield h("p", f"M{class_text.mean(seen.marks)[1:]}.", _not_counted(seen))
        yield histogram(seen.marks)
    if seen.misconceptions:
        yield h("h3", "Misconceptions")
        rows = []
        for found in seen.misconceptions:
            behind = details.behind.get(found.id, ())
            smallest = details.smallest.get(found.id)
            inside = [
                _people(it, behind),
                *([h("p", "The smallest case that shows it:"), example(smallest)] if smallest else []),
            ]
            head = [
                bar(found.students, seen.misconceptions[0].students),
                h("b", f"{found.students} of {seen.graded}"),
                f"; perhaps {found.perhaps} more " if found.perhaps else " ",
                *prose(found.says),
                " ",
                h("small", found.id),
            ]
            rows.append(_folded(head, inside if behind or smallest else []))
        yield h("div", rows, class_="rows")
    yield from _unnamed(it, seen, details)
    yield from _counted("Exceptions", [(c.students, class_text.crash(c)) for c in seen.crashes], seen.graded)
    yield from _counted("Stopped or never begun", class_text.stopped(seen.verdicts), seen.graded)
    yield from _cases(seen, details.matrix)
    if similar := class_text.similar_programs(seen):
        yield h("h3", class_text.SIMILAR)
        yield h("ul", [h("li", line) for line in similar])
        for programs in details.programs:
            yield _programs(programs)
    if seen.late:
        yield _folded([f"Late: {len(seen.late)}"], [_people(it, seen.late)])
    for title, lines in class_text.unmarked(seen):
        if lines:
            yield _folded([f"{title}: {len(lines)}"], [h("ul", [h("li", line) for line in lines[:MOST_NAMES]])])


def _programs(it: Programs) -> Element:
    """Fold up two programs side by side; lines that are the same but for names stand in one row."""
    head = h("tr", [h("th", class_text.who(id, it.similar.names.get(id, id)), scope="col") for id in it.shown])
    if len(it.shown) == 1:
        return _folded([class_text.similar_people(it.similar)], [h("pre", it.left)])
    body = [
        h("tr", [h("td", h("code", line or "")) for line in (row.left, row.right)], class_="soft" if row.same else None)
        for row in rows(it.left, it.right)
    ]
    table = h("table", h("thead", head), h("tbody", body), class_="list programs")
    return _folded([class_text.similar_people(it.similar)], [h("div", table, class_="scroll")])


def _not_counted(seen: ExerciseView) -> str:
    """Say whose marks are not in the figures: those without one."""
    count = len(seen.internal_errors)
    return f" Not counted: {count} where the grader failed." if count else ""


def _folded(head: Nodes, inside: Sequence[Node]) -> Element:
    return h("details", h("summary", head), inside) if inside else h("p", head)


def _people(it: ClassPage, people: Sequence[Listed]) -> Element:
    names: list[Nodes] = []
    for one in people[:MOST_NAMES]:
        names += [", " if names else None, _name(it, one.student, one.name)]
    more = f" and {len(people) - MOST_NAMES} more" if len(people) > MOST_NAMES else ""
    return h("p", names, more)


def _name(it: ClassPage, student: str, name: str) -> Node:
    shown = class_text.who(student, name)
    return h("a", shown, href=it.links[student]) if student in it.links else shown


def _unnamed(it: ClassPage, seen: ExerciseView, details: Details) -> Iterator[Node]:
    if not seen.unnamed:
        return
    yield h("h3", "Wrong answers without a name")
    rows = []
    for group in seen.unnamed[:MOST_GROUPS]:
        head = [h("b", class_text.same_answers(group)[0]), f": {one_line(group.case)}: ", *prose(one_line(group.text))]
        rows.append(_folded(head, _group(it, group, details)))
    yield h("div", rows, class_="rows")
    if len(seen.unnamed) > MOST_GROUPS:
        yield h("p", f"… and {len(seen.unnamed) - MOST_GROUPS} more groups", class_="soft")


def _group(it: ClassPage, group: Unnamed, details: Details) -> list[Node]:
    people = details.alike.get(group.fingerprint, ()) or (Listed(group.student, group.name),)
    return [_people(it, people), *([example(group.example)] if group.example else [])]


def _counted(title: str, rows: Sequence[tuple[int, str]], of: int) -> Iterator[Node]:
    if rows:
        yield h("h3", title)
        yield h("ul", [h("li", h("b", f"{count} of {of}"), f" {says}") for count, says in rows])


def _cases(seen: ExerciseView, matrix: Matrix) -> Iterator[Node]:
    """Yield the heat map: a row per written or hidden case, one for all generated ones; a column per student."""
    rates = {rate.name: rate for rate in seen.cases}
    if not any(matrix.rows):
        return
    yield h("h3", "Cases and students")
    yield h(
        "p",
        "Each column is a student, the best marks on the left. ",
        h("span", "Red", class_="wrong"),
        " is wrong, grey is a program without an answer.",
        class_="soft",
    )
    rows, drawn = [], []
    for case, generated, letters in zip(matrix.cases, matrix.generated, matrix.rows, strict=True):
        rate = rates.get(case)
        if generated:
            drawn.append(letters)
            continue
        share = f"{rate.failed} of {rate.of}" if rate else "–"
        rows.append(_strip_row(one_line(case, 60), [letters], 16, share))
    if drawn:
        wrong = sum(letters.count("x") for letters in drawn)
        every = sum(len(letters) - letters.count("-") for letters in drawn)
        share = f"{wrong / every:.0%}" if every else "–"
        rows.append(_strip_row(f"{len(drawn)} generated cases", drawn, 3, share))
    head = h(
        "tr",
        [h("th", name, scope="col") for name in ("case", "students")],
        h("th", "wrong", scope="col", class_="number"),
    )
    yield h("div", h("table", h("thead", head), h("tbody", rows), class_="list cases"), class_="scroll")


def _strip_row(name: str, letters: Sequence[str], height: int, share: str) -> Element:
    return h("tr", h("th", name, scope="row"), h("td", strip(letters, height)), h("td", share, class_="number"))


def _changes(it: ClassPage) -> Iterator[Node]:
    """Yield whose marks the last run or policy changed, and why."""
    if not it.changes:
        return
    yield h("h2", "Changed since the last run")
    head = [h("th", name, scope="col") for name in ("student", "exercise")]
    head += [h("th", name, scope="col", class_="number") for name in ("before", "now", "change")]
    head.append(h("th", "why", scope="col"))
    rows = [
        h(
            "tr",
            h("th", _name(it, one.student, one.name), scope="row"),
            h("td", one_line(one.exercise, 20)),
            [
                h("td", text, class_="number")
                for text in (as_points(one.old), as_points(one.new), class_text.signed(one.new - one.old))
            ],
            h("td", one.why),
        )
        for one in it.changes
    ]
    table = h("table", h("thead", h("tr", head)), h("tbody", rows), class_="list")
    yield _folded([class_text.changed(it.changes)], [h("div", table, class_="scroll")])


def _students(it: ClassPage) -> Iterator[Node]:
    """Yield the table of students: sortable and searchable where scripts run."""
    summary = it.summary
    ids = list(summary.exercises)
    yield h("h2", "Students", id="students")
    search = h("label", "Search ", h("input", type="search"))
    yield h("div", search, h("output", f"{len(summary.rows)} of {len(summary.rows)}"), class_="search", hidden=True)
    number = [*ids, "total"] if len(ids) > 1 else ids
    head = [
        h("th", "student", scope="col"),
        *(h("th", one_line(id, 20), scope="col", class_="number") for id in number),
    ]
    rows = []
    for row in summary.rows:
        marks = [h("td", _mark(row.marks.get(id)), class_="number") for id in ids]
        total = [h("td", h("b", _points(row.total)), class_="number")] if len(ids) > 1 else []
        rows.append(h("tr", h("th", _name(it, row.student, row.name), scope="row"), marks, total))
    table = h("table", h("thead", h("tr", head)), h("tbody", rows), class_="list sortable")
    yield h("div", table, class_="scroll")


def _points(score: float | None) -> str:
    """Return points, or a question mark where they are not known."""
    return "?" if score is None else as_points(score)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _mark(mark: Mark | None) -> str:
    """Return a mark; a dash stands for nothing submitted, a question mark where the grader failed or has yet to."""
    if mark is None or mark.state == "missing":
        return "–"
    return _points(mark.score if mark.state == "graded" else None) + (" late" if mark.late.late else "")
