"""What `grade doctor` prints: the layers that a machine has, and the walls that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Attempt(Protocol):
    """What came of trying a wall (see probe.py)."""

    @property
    def level(self) -> str: ...
    @property
    def holds(self) -> bool: ...
    @property
    def says(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def weaknesses(self) -> Sequence[str]: ...


def machine(layers: Mapping[str, str], attempts: Sequence[Attempt]) -> str:
    """Return the page."""
    lines = [f"{name + ':':17}{says}" for name, says in layers.items()]
    lines.append("")
    for attempt in attempts:
        lines.append(f"{'✓' if attempt.holds else '✗'} {attempt.level:12} {attempt.says}")
        lines += [f"  · {weakness}" for weakness in attempt.weaknesses]
        if attempt.remedy:
            lines.append(f"  help: {attempt.remedy}")
    walls = [attempt.level for attempt in attempts if attempt.holds]
    lines += ["", f"`grade EXERCISE` uses {walls[0]}" if walls else ""]
    if walls[:1] == ["process"]:
        lines.append("a class of strangers' programs is not run here: no wall holds")
    return "\n".join(lines)
