"""The formulas of convolution and pooling, as far as an exercise has stride, padding, dilation and channels."""

from __future__ import annotations

from collections.abc import Collection

_LETTERS = {"stride": ("S", "T"), "padding": ("P", "Q"), "dilation": ("D", "E")}


def window(axes: int, given: Collection[str]) -> str:
    """Return the index of the input's cell that a window reads: `i·S + u·D − P, j·T + v·E − Q`."""
    parts = []
    for axis, (out, cell) in enumerate((("i", "u"), ("j", "v"))[:axes]):
        s, p, d = (letters[axis] if name in given else "" for name, letters in _LETTERS.items())
        moved, read = (f"{out}·{s}" if s else out), (f"{cell}·{d}" if d else cell)
        parts.append(f"{moved} + {read}{f' − {p}' if p else ''}")
    return ", ".join(parts)


def where(axes: int, given: Collection[str]) -> str:
    """Return what the letters mean: `; stride (S, T), padding (P, Q)`."""
    known = [
        f"{name} {letters[0] if axes == 1 else '(' + ', '.join(letters) + ')'}"
        for name, letters in _LETTERS.items()
        if name in given
    ]
    text = f"; {', '.join(known)}" if known else ""
    if "padding-sides" in given:
        first, both = ("P before", "padding P") if axes == 1 else ("P above, Q on the left", "padding (P, Q)")
        text = text.replace(both, f"padding: {first}")
    return text


def lead(given: Collection[str], channel: str) -> str:
    """Return the leading indices of a cell: `n, c, ` where inputs have batches and channels."""
    return f"{'n, ' if 'batch' in given else ''}{f'{channel}, ' if 'channels' in given else ''}"
