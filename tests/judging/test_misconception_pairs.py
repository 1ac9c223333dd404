"""Two misconceptions at once are data: they give an answer or crash as a program does, never the diagnosis."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from grader.judging.misconceptions import pair
from grader.ops import OPS


def test_each_pair_runs_on_each_form_of_input() -> None:
    op = OPS["conv1d"]
    forms = {tuple(np.ndim(value) for value in sample.inputs): sample for sample in op.samples()}
    for first, second in permutations(op.misconceptions, 2):
        for sample in forms.values():
            pair(first, second)(sample.op, sample.inputs)
