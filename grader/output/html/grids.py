"""Grids of numbers and the picture of a case: its input, kernel and outputs, with the window of one output cell.

The picture is complete as it stands, with the first cell worked out; the script only changes which cell that is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from grader.model.page import Grid, Other, Picture, Step
from grader.output.html.document import Element, Node, data, h, prose


def grid(
    it: Grid,
    start: int = 0,
    inside: Collection[int] = (),
    off: Collection[int] = (),
    here: int | None = None,
    wrong: str = "bad",
) -> Element:
    """Return a grid as a table. `inside`, `off` and `here` are counted from `start`, the place of its first cell."""
    rows = []
    place = 0
    for row in it.rows:
        cells = []
        for text in row:
            at = start + place
            names = [
                *(["pad"] if place in it.padding else []),
                *([wrong] if place in it.wrong else []),
                *(["in"] if at in inside else []),
                *(["off"] if at in off else []),
                *(["here"] if at == here else []),
            ]
            note = h("span", " (wrong)", class_="hidden") if wrong == "bad" and place in it.wrong else None
            cells.append(h("td", text, note, class_=" ".join(names) or None))
            place += 1
        rows.append(h("tr", cells))
    caption = h("caption", it.title, [" ", h("small", it.size)] if it.size else None)
    return h("div", h("table", caption, h("tbody", rows)), class_="scroll grid")


def planes(
    name: str,
    those: Sequence[Grid],
    inside: Collection[int] = (),
    off: Collection[int] = (),
    here: int | None = None,
    wrong: str = "bad",
) -> Element | None:
    """Return grids beside each other, their cells counted through."""
    if not those:
        return None
    start, shown = 0, []
    for it in those:
        shown.append(grid(it, start, inside, off, here, wrong))
        start += sum(map(len, it.rows))
    return h("div", shown, class_=f"planes {name}")


def picture(it: Picture, interactive: bool = True) -> Element:
    """Return the picture of a case."""
    step = it.steps[it.first] if it.first < len(it.steps) else None
    window = step.window if step else ()
    off = step.other.window if step and step.other else ()
    here = it.first if step else None
    same = " same" if [g.size for g in it.given] == [g.size for g in it.expected] else ""
    stage: list[Node | None] = [planes("inputs", it.inputs, window, off)]
    if it.kernel:
        stage += [_sign("∗"), planes("kernel", it.kernel, step.weights if step else ())]
    for more in it.more:
        stage += [_sign("+") if it.kernel else None, planes("more", [more])]
    if it.expected:
        given = planes(f"given{same}", it.given, here=here if same else None)
        answers = planes("expected", it.expected, here=here, wrong="due"), given
        stage += [_sign("=") if it.inputs else None, h("div", answers, class_="answers")]
    return h(
        "div",
        _notation(it),
        h("div", stage, class_="stage"),
        list(_arithmetic(it, step)) if step else None,
        _steps(it) if interactive and step and it.expected and any(it.steps) else None,
        class_="picture",
    )


def _sign(text: str) -> Element:
    return h("span", text, class_="sign", aria_hidden="true")


def _notation(it: Picture) -> Element | None:
    rows = [h("div", h("dt", name), h("dd", value)) for name, value in it.notation]
    return h("dl", rows, class_="notation") if rows else None


def _arithmetic(it: Picture, step: Step) -> Iterator[Element]:
    """Yield the controls, the products with their running sum, and the arithmetic of the cell in one line."""
    yield h(
        "div",
        h("button", "Back", type="button", class_="back"),
        h("button", "Play", type="button", class_="play"),
        h("button", "Step", type="button", class_="next"),
        h("span", "or pick a cell of the output"),
        class_="controls",
        hidden=True,
    )
    totals = running(step)
    parts: list[Node] = []
    if step.terms:
        width = _width(it)
        parts += [_products(step, channel, width) for channel in range(len(step.terms))]
    if totals and it.running:
        run = [h("p", it.running, class_="label"), h("ol", [h("li", total) for total in totals])]
        parts.append(h("div", run, class_="run"))
    if parts:
        yield h("div", parts, class_="sum")
    yield h("div", _both(it, step), class_="said")


def running(step: Step) -> list[str]:
    """Return the running sum of a step's products, and the bias in the end; or a pooling's running result."""
    totals = [term.total for channel in step.terms for term in channel] or list(step.totals)
    return [*totals, f"+ bias {step.bias} = {step.value}"] if step.bias and totals else totals


def _width(it: Picture) -> int:
    return len(it.kernel[0].rows[0]) if it.kernel else 1


def _products(step: Step, channel: int, width: int) -> Element:
    terms = step.terms[channel]
    cells = [h("td", h("span", f"{t.factor}×{t.weight}"), h("b", t.product)) for t in terms]
    rows = [h("tr", cells[i : i + width]) for i in range(0, len(cells), width)]
    title = f"Products, channel {channel}" if len(step.terms) > 1 else "Products"
    return h("div", h("table", h("caption", title), h("tbody", rows)), class_="scroll grid products")


def _both(it: Picture, step: Step) -> Element:
    """Put the right arithmetic and that of the misconception beside each other."""
    mine = [h("p", "yours: ", h("span", step.given, class_="mine"))] if any(s and s.given for s in it.steps) else []
    ours = h(
        "div",
        h(
            "p",
            h("span", class_="key in", aria_hidden="true"),
            h("code", step.place, class_="place"),
            " is",
            class_="label",
        ),
        h("p", step.value, class_="value"),
        h("p", step.text, class_="text told"),
        mine,
        class_="ours",
    )
    return h("div", ours, _theirs(it, step.other) if it.misconception else None, class_="two")


def _theirs(it: Picture, other: Other | None) -> Element:
    return h(
        "div",
        h(
            "p",
            h("span", class_="key off", aria_hidden="true"),
            "A program with this misconception gets",
            class_="label",
        ),
        h("p", other.value if other else "", class_="value"),
        h("p", other.text if other else "", class_="text told"),
        h("p", prose(it.misconception), class_="soft"),
        class_="theirs",
        hidden=other is None,
    )


def _steps(it: Picture) -> Element:
    """Return all steps as data for the script, in the order in which it takes them apart."""
    return data({"steps": [_row(step) for step in it.steps], "columns": it.columns, "first": it.first})


def _row(step: Step | None) -> list[object] | None:
    if step is None:
        return None
    terms = [[t.factor, t.weight, t.product] for channel in step.terms for t in channel]
    other = [step.other.window, step.other.text, step.other.value] if step.other else None
    head: list[object] = [step.place, step.window, step.text, step.value, step.weights]
    return [*head, terms, step.bias, running(step), step.given, other]


def formulas(lines: Iterable[str]) -> list[Element]:
    """Return the formulas of an output's size, the numbers filled in."""
    return [h("p", h("code", line)) for line in lines]
