"""The list of slides in docs/deck.md is complete, the generated pages are fresh, and the snippets do what they show."""

from __future__ import annotations

import re
import runpy
from math import prod
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from grader.exercises.lock import read_lock
from grader.exercises.pack import exercise_ids

DECK = (ROOT / "docs" / "deck.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in DECK.splitlines() if line.startswith("| ") and "ex" in line.split(" | ")[-1]]
CASES = {(id, name) for row in ROWS for id, name in re.findall(r"(ex\d+) `([^`]+)`", row[-1])}
LOCKS = {id: read_lock(ROOT / "exercises", id) for id in exercise_ids(ROOT / "exercises")}
GENERATE = runpy.run_path(str(ROOT / "docs" / "generate.py"))
ERRATA = GENERATE["caption_errata"]()


def slides() -> dict[tuple[str, str], str]:
    """Return the slide of every case that has one."""
    return {(id, c.name): c.slide.where for id, lock in LOCKS.items() for c in lock.exercise.cases if c.slide}


def test_every_case_in_the_list_exists() -> None:
    known = {(id, case.name) for id, lock in LOCKS.items() for case in lock.exercise.cases}
    assert len(ROWS) > 50
    assert not CASES - known


def test_every_slide_answer_is_in_the_list() -> None:
    assert not slides().keys() - CASES


def test_every_slide_is_named_as_its_case_names_it() -> None:
    for (id, name), where in slides().items():
        rows = [row for row in ROWS if f"{id} `{name}`" in row[-1]]
        heads = [where.split("/")[0].split(",")[0].strip(), *where.split(" / ")]
        assert any(head in row[0] for row in rows for head in heads), f"{id} {name}: {where}"


def test_the_sizes_in_the_list_are_those_of_the_answers() -> None:
    for row in ROWS:
        if re.fullmatch(r"\d×\d", row[1]):
            id, name = re.findall(r"(ex\d+) `([^`]+)`", row[-1])[0]
            case = next(case for case in LOCKS[id].exercise.cases if case.name == name)
            assert case.slide
            answers = [case.slide.answer] if len(LOCKS[id].exercise.outputs) == 1 else case.slide.answer
            shape = next(np.shape(answer) for answer in answers if answer is not None)
            assert row[1] == "×".join(map(str, shape if len(shape) == 2 else (1, *shape)))


def test_activation_sizes_are_the_products_of_the_shapes() -> None:
    sizes = [int(row[1].rpartition(", ")[2]) for row in ROWS if "Activation Shape" in row[0]]
    answers = [r.value[0] for r in LOCKS["ex13"].references if r.case[0].isdigit()]
    assert len(sizes) == 8
    assert [prod(answer) for answer in answers] == sizes


@pytest.mark.parametrize("page", GENERATE["PAGES"])
def test_generated_pages_are_fresh(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert GENERATE["PAGES"][page]() == text, "run `python docs/generate.py`"


def case(id: str, name: str) -> tuple[dict[str, Any], Any]:
    found = next(c for c in LOCKS[id].exercise.cases if c.name == name)
    assert found.slide
    return found.inputs, found.slide.answer


SNIPPETS = [
    ("ex1", "without bias", "Conv2d", {"kernel_size": 3, "bias": False}),
    ("ex1", "bias 1", "Conv2d", {"kernel_size": 3}),
    ("ex1", "2×3 kernel", "Conv2d", {"kernel_size": (2, 3)}),
    ("ex2", "padding same", "Conv2d", {"kernel_size": 3, "padding": "same"}),
    ("ex2", "padding 2×1", "Conv2d", {"kernel_size": 3, "padding": (2, 1)}),
    ("ex3", "stride 2", "Conv2d", {"kernel_size": 3, "stride": 2}),
    ("ex3", "stride 2 with padding 1", "Conv2d", {"kernel_size": 3, "padding": 1, "stride": (2, 2)}),
    ("ex5", "kernel 2, stride 2", "MaxPool2d", {"kernel_size": 2}),
    ("ex5", "stride (1, 2)", "MaxPool2d", {"kernel_size": 2, "stride": (1, 2)}),
    ("ex8", "kernel 3, stride 3", "MaxPool1d", {"kernel_size": 3, "stride": 3}),
    ("ex7", "kernel 3×2, as PyTorch prints it", "AvgPool2d", {"kernel_size": (3, 2), "stride": (2, 2)}),
    ("ex9", "kernel 3, stride 3, as PyTorch prints it", "AvgPool1d", {"kernel_size": 3, "stride": 3}),
    ("ex10", "slide", "Flatten", {}),
]


@pytest.mark.torch
@pytest.mark.parametrize("id, name, module, fields", SNIPPETS)
def test_snippets_print_what_they_show(torch: Any, id: str, name: str, module: str, fields: dict[str, Any]) -> None:
    """Run the deck's code as it stands: float32, `in_channels=1`, weights put into `.data`, four decimals printed."""
    inputs, printed = case(id, name)
    image = torch.tensor(inputs["input"], dtype=torch.float32)[None]
    layer = getattr(torch.nn, module)(**({"in_channels": 1, "out_channels": 1} if module == "Conv2d" else {}), **fields)
    if module == "Conv2d":
        layer.weight.data = torch.tensor(inputs["kernel"], dtype=torch.float32)[None, None]
        if layer.bias is not None:
            layer.bias = torch.nn.Parameter(torch.tensor([inputs["bias"]], dtype=torch.float32))
    output = layer(image).detach().numpy()
    output = output if module == "Flatten" else output[0]
    np.testing.assert_array_equal(np.round(output, 4), np.array(printed, dtype=np.float32))


@pytest.mark.torch
@pytest.mark.parametrize("entry", ERRATA, ids=lambda entry: entry["where"])
def test_torch_contradicts_each_caption_as_the_errata_say(torch: Any, entry: dict[str, str]) -> None:
    assert entry.keys() == {"where", "prints", "why", "code", "gives"}
    try:
        found = str(eval(entry["code"], {"torch": torch, "nn": torch.nn}))
    except RuntimeError as error:
        found = type(error).__name__
    assert found == entry["gives"]


def test_errata_name_slides_of_the_list() -> None:
    heads = {row[0].removeprefix("| ").split(" / ")[0].split(",")[0] for row in ROWS}
    assert len(ERRATA) > 10
    assert all(entry["where"].split(" / ")[0] in heads for entry in ERRATA)
