"""An exercise as a page, and a course's exercises as a small static site: nothing in them is a secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.model.explanation import MisconceptionPage
from grader.model.page import ExercisePage, Picture
from grader.numbers import as_points
from grader.output.html.document import Element, Node, Nodes, h, page, prose
from grader.output.html.grids import formulas, picture
from grader.output.html.student import misconception_card
from grader.output.html.values import block

HOME = "index.html"
MISCONCEPTIONS = "misconceptions.html"
ERRATA = "errata.html"
_NAV = ((HOME, "Exercises"), (MISCONCEPTIONS, "Misconceptions"), (ERRATA, "Errata"))


def document(it: ExercisePage, in_site: bool = False) -> str:
    """Return an exercise's page; as part of a site it links to the others."""
    nav = _nav() if in_site else None
    return page(f"{it.id} · {it.title}", nav, *_exercise(it), _footer())


def site(pages: Sequence[ExercisePage], misconceptions: Sequence[MisconceptionPage]) -> dict[str, str]:
    """Return all pages of a site, by file name."""
    made = {f"{it.id}.html": document(it, in_site=True) for it in pages}
    made[HOME] = page("Exercises", _nav(HOME), h("h1", "Exercises"), _list(pages), _footer())
    made[MISCONCEPTIONS] = page("Misconceptions", _nav(MISCONCEPTIONS), *_misconceptions(misconceptions), _footer())
    made[ERRATA] = page("Errata of the deck", _nav(ERRATA), *_errata(pages), _footer())
    return made


def _nav(here: str = "") -> Element:
    links = [h("a", name, href=file, aria_current="page" if file == here else None) for file, name in _NAV]
    return h("nav", links, aria_label="Pages")


def _footer() -> Element:
    return h("footer", h("p", "Made by torch-grader. Every answer is PyTorch's."))


def _points(points: float) -> str:
    return f"{as_points(points)} {'point' if points == 1 else 'points'}"


def _list(pages: Sequence[ExercisePage]) -> Element:
    cards = [
        h(
            "li",
            h("a", f"{it.id} · {it.title}", href=f"{it.id}.html"),
            h("p", h("code", it.function)),
            h("p", _points(it.points), class_="soft"),
        )
        for it in pages
    ]
    return h("ul", cards, class_="cards")


def _exercise(it: ExercisePage) -> Iterator[Nodes]:
    yield h("p", f"{it.id} · {_points(it.points)}", class_="kicker")
    yield h("h1", it.title)
    for paragraph in it.task.strip().split("\n\n"):
        yield h("p", prose(" ".join(paragraph.split())))
    yield h("pre", h("code", it.function if ")." in it.function else f"def {it.function}"))
    yield h("p", h("code", it.formula))
    yield h("h2", "Cases")
    for i, drawn in enumerate(it.pictures):
        yield h("details", h("summary", h("h3", drawn.case)), _case(drawn), class_="card", open=i == 0)
    more = [f"{it.generated} generated cases"] * bool(it.generated)
    more += [f"{it.hidden} hidden {'case' if it.hidden == 1 else 'cases'}"] * bool(it.hidden)
    if more:
        yield h("p", f"And {' and '.join(more)}.", class_="soft")
    if it.misconceptions:
        yield h("h2", "Misconceptions")
        yield h("details", h("summary", f"{len(it.misconceptions)} that the grader recognises"), _known(it))


def _known(it: ExercisePage) -> Element:
    return h("ul", [h("li", prose(says), " ", h("small", id)) for id, says in it.misconceptions])


def _case(drawn: Picture) -> list[Node]:
    slide = h("p", f"Slide: {drawn.slide}", class_="soft") if drawn.slide else None
    wrong = h("p", "The slide is wrong here: ", prose(drawn.erratum), class_="note") if drawn.erratum else None
    return [part for part in (slide, wrong, picture(drawn), *formulas(drawn.formula)) if part is not None]


def _misconceptions(those: Sequence[MisconceptionPage]) -> Iterator[Nodes]:
    yield h("h1", "Misconceptions")
    yield h("p", f"The {len(those)} wrong notions that the grader recognises by the numbers that they give.")
    for it in those:
        yield h("section", misconception_card(it, it.id), id=f"m-{it.id}")


def _errata(pages: Sequence[ExercisePage]) -> Iterator[Nodes]:
    yield h("h1", "Errata of the deck")
    wrong = [(it, drawn) for it in pages for drawn in it.pictures if drawn.erratum]
    if not wrong:
        yield h("p", "No slide is known to be wrong.")
    for it, drawn in wrong:
        yield h("h2", drawn.slide)
        yield h("p", prose(drawn.erratum))
        printed = block("The slide prints", drawn.printed) if drawn.printed is not None else None
        right = block("PyTorch's answer", drawn.right) if drawn.right is not None else None
        yield h("div", printed, right, class_="stage")
        yield h(
            "p", "Case “", drawn.case, "” of ", h("a", f"{it.id} · {it.title}", href=f"{it.id}.html"), class_="soft"
        )
