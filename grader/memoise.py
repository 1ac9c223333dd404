"""What is made of an exercise once and used for a whole class."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")
MOST = 32  # exercises; a course has fewer


def memoise(make: Callable[[Item], Made]) -> Callable[[Item], Made]:
    """Remember what a function made of the last few values, told apart by identity: exercises hold lists, no hash.

    A single grading run gains nothing by it; a class of them does.
    """
    kept: dict[int, tuple[Item, Made]] = {}

    @functools.wraps(make)
    def remember(item: Item) -> Made:
        found = kept.get(id(item))
        if found is None or found[0] is not item:
            if len(kept) == MOST:
                kept.clear()
            found = kept[id(item)] = item, make(item)
        return found[1]

    return remember
