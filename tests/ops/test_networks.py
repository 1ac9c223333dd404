"""The tables of known networks in docs/networks.md are torch's, row by row, with the published totals."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
import yaml
from conftest import ROOT

from grader.ops import OPS, Op

PAGE = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
TOTALS = {"AlexNet": 61_100_840, "VGG-16": 138_357_544}  # of torchvision.models.alexnet() and .vgg16()


def section(name: str) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """Return a network's layers and the rows of its table."""
    text = PAGE.partition(f"## {name}\n")[2].partition("\n## ")[0]
    block = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert block
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return yaml.safe_load(block[1])["layers"], rows[2:]


def up_to(op: str, layers: list[dict[str, Any]]) -> Op:
    return msgspec.convert({"layers": layers}, OPS[op])


@pytest.mark.torch
@pytest.mark.parametrize("name", TOTALS)
def test_a_table_is_torchs(name: str, torch: Any) -> None:
    layers, rows = section(name)
    total = 0
    for n, (_, shape, parameters) in enumerate(rows[:-1], 1):
        activation, learned = up_to("activation_shape", layers[:n]), up_to("parameter_count", layers[:n])
        assert shape == " × ".join(map(str, activation().tolist()))
        assert parameters == f"{int(learned()):,}"
        assert activation().tolist() == activation.reference(torch).tolist()
        assert learned() == learned.reference(torch)
        total += int(learned())
    assert len(rows) == len(layers) + 1
    assert rows[-1] == ["total", "", f"{TOTALS[name]:,}"]
    assert total == TOTALS[name]
