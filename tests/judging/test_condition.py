"""A condition separates right from wrong without exception: the simplest one, and never from a few cases."""

from __future__ import annotations

from typing import Any

import pytest

from grader.judging.condition import FEWEST, condition, facts_of
from grader.model.exercise import Case

SQUARE, ONE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1]]
USUAL: dict[str, Any] = {"input": SQUARE, "kernel": [[1, 2], [3, 4]], "bias": 0, "stride": [1, 1], "padding": [0, 0]}
FIELDS = ("stride", "padding")


def case(**changed: Any) -> Case:
    values = USUAL | changed
    inputs = {name: value for name, value in values.items() if name not in FIELDS}
    return Case("", inputs, {name: values[name] for name in FIELDS})


def parted(wrong: list[Case], right: list[Case]) -> tuple[str, str, int, int] | None:
    facts = [facts_of(case) for case in (*wrong, *right)]
    found = condition(facts, [True] * len(wrong) + [False] * len(right))
    return (found.when, found.otherwise, found.wrong, found.right) if found else None


@pytest.mark.parametrize(
    "wrong, right, when, otherwise",
    [  # the right ones come as near to the wrong ones as they can
        ([{"stride": [2, 1]}, {"stride": [1, 2]}], [{}], "stride larger than 1", "stride 1"),
        ([{"padding": [1, 0]}, {"padding": [0, 1]}], [{}], "padding larger than 0", "padding 0"),
        (
            [{"stride": [2, 1]}, {"stride": [1, 3]}],
            [{"stride": [2, 2]}, {}],
            "different stride for rows and columns",
            "the same stride for rows and columns",
        ),
        (
            [{"stride": [2, 1]}, {"stride": [2, 2]}],
            [{"stride": [1, 2]}],
            "stride larger than 1 for the rows",
            "stride 1 for the rows",
        ),
        (
            [{"stride": [1, 2]}, {"stride": [2, 2]}],
            [{"stride": [2, 1]}],
            "stride larger than 1 for the columns",
            "stride 1 for the columns",
        ),
        ([{"bias": 1}, {"bias": -1}], [{}], "a bias other than 0", "bias 0"),
        ([{"bias": -1}], [{"bias": 1}, {}], "a negative bias", "a bias of 0 or more"),
        ([{"input": [[1, -1], [0, 0]]}], [{"input": [[1, 0], [0, 0]]}], "negative numbers", "no negative numbers"),
        ([{"kernel": [[0.5, 1], [1, 1]]}], [{}], "fractions", "whole numbers only"),
        (
            [{"input": [[0.5, 1], [1, 1]]}],
            [{"kernel": [[0.5, 1], [1, 1]]}, {}],
            "an input with fractions",
            "an input of whole numbers",
        ),
        ([{"input": [[256, 1], [1, 1]]}], [{"input": [[255, 1], [1, 1]]}], "numbers above 255", "no numbers above 255"),
        (
            [{"input": [[1, 2]]}, {"input": [[1], [2]]}],
            [{"input": [[1, 2], [3, 4]]}, {"input": ONE}],
            "an input that is not square",
            "a square input",
        ),
        (
            [{"input": [[1], [2]]}],
            [{"input": [[1, 2]]}, {"input": SQUARE}],
            "an input taller than wide",
            "an input not taller than wide",
        ),
        (
            [{"input": [[1, 2]]}],
            [{"input": [[1], [2]]}, {"input": SQUARE}],
            "an input wider than tall",
            "an input not wider than tall",
        ),
        (
            [{"kernel": [[1, 2]]}, {"kernel": [[1, 2], [3, 4]]}, {"kernel": [[1], [2]]}],
            [{"kernel": ONE}],
            "a kernel larger than 1×1",
            "a 1×1 kernel",
        ),
        (
            [{"kernel": ONE}, {"kernel": [[1, 2, 3]]}, {"kernel": [[1, 2], [3, 4]]}],
            [{"kernel": SQUARE}],
            "a kernel other than 3×3",
            "a 3×3 kernel",
        ),
        (
            [{"input": [SQUARE, SQUARE]}],
            [{"input": SQUARE}],
            "an input with several channels",
            "an input with one channel",
        ),
        (  # (3 + 2 - 2) / 2 leaves a rest, (3 + 2 - 3) / 2 does not
            [{"stride": [2, 2], "padding": [1, 1], "bias": 1}, {"stride": [2, 2], "bias": 1}],
            [{"stride": [2, 2], "padding": [1, 1], "kernel": SQUARE, "bias": 1}, {"bias": 1}],
            "sizes that the stride does not divide",
            "sizes that the stride divides",
        ),
    ],
)
def test_every_condition_can_be_found(
    wrong: list[dict[str, Any]], right: list[dict[str, Any]], when: str, otherwise: str
) -> None:
    many = FEWEST
    found = parted([case(**c) for c in wrong] * many, [case(**c) for c in right] * many)
    assert found == (when, otherwise, len(wrong) * many, len(right) * many)


def test_cases_may_differ_in_form() -> None:
    word, row = {"padding": "same"}, {"input": [1, 2, 3]}
    assert parted([case(stride=[2, 1], **word)] * FEWEST, [case(**row)] * FEWEST) is not None


def test_a_single_exception_takes_a_condition_away() -> None:
    wrong, right = [case(bias=1)] * 9, [case()] * 9
    assert parted(wrong, right)
    assert parted([*wrong, case()], right) is None
    assert parted(wrong, [*right, case(bias=2)]) is None


@pytest.mark.parametrize("wrong, right", [(3, 9), (9, 3), (0, 9), (9, 0)])
def test_a_few_cases_on_one_side_say_nothing(wrong: int, right: int) -> None:
    assert parted([case(bias=1)] * wrong, [case()] * right) is None
    assert parted([case(bias=1)] * 4, [case()] * 4)


def test_the_simplest_is_said() -> None:
    """A stride of 2 for both axes, fractions and a bias part them, too."""
    wrong = [case(stride=[2, 2], bias=1, kernel=[[0.5]])] * 5
    found = parted(wrong, [case()] * 5)
    assert found
    assert found[0] == "stride larger than 1"


def test_names_are_the_students() -> None:
    wrong, right = [case(stride=[2, 2])] * FEWEST, [case()] * FEWEST
    facts = [facts_of(each) for each in (*wrong, *right)]
    found = condition(facts, [True] * FEWEST + [False] * FEWEST, {"stride": "step"})
    assert found
    assert (found.when, found.otherwise) == ("step larger than 1", "step 1")
