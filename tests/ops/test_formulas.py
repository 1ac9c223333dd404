"""A formula names what the exercise's function has, and nothing else."""

from __future__ import annotations

import pytest

from grader.ops import OPS


@pytest.mark.parametrize(
    "op, given, formula",
    [
        ("conv2d", {"bias"}, "output[i, j] = Σ_u Σ_v input[i + u, j + v] × kernel[u, v] + bias"),
        ("conv2d", set(), "output[i, j] = Σ_u Σ_v input[i + u, j + v] × kernel[u, v]"),
        ("conv1d", {"bias", "stride"}, "output[i] = Σ_u input[i·S + u] × kernel[u] + bias; stride S"),
        (
            "conv2d",
            {"bias", "padding", "dilation", "channels"},
            "output[f, i, j] = Σ_c Σ_u Σ_v input[c, i + u·D − P, j + v·E − Q] × kernel[f, c, u, v] + bias[f]; "
            "padding (P, Q), dilation (D, E)",
        ),
        (
            "max_pool2d",
            {"padding", "channels", "batch"},
            "output[n, c, i, j] = max over u, v of input[n, c, i·S + u − P, j·T + v − Q]; "
            "stride (S, T), padding (P, Q)",
        ),
        ("avg_pool1d", {"channels"}, "output[i] = mean over u of input[i·S + u]; stride S"),
        ("relu", {"channels"}, OPS["relu"].formula),
        (
            "conv2d_backward",
            {"channels", "stride"},
            "each grad_output[f, i, j] adds grad_output[f, i, j] × kernel[f, c, u, v] to "
            "grad_input[c, i·S + u, j·T + v], grad_output[f, i, j] × input[c, i·S + u, j·T + v] to "
            "grad_kernel[f, c, u, v], and itself to grad_bias[f]; stride (S, T)",
        ),
        (
            "max_pool2d_backward",
            {"padding"},
            "each grad_output[i, j] adds grad_output[i, j] to grad_input at the largest cell of its window, "
            "input[i·S + u − P, j·T + v − Q]; stride (S, T), padding (P, Q)",
        ),
    ],
)
def test_formula(op: str, given: set[str], formula: str) -> None:
    assert OPS[op].formula_of(given) == formula
