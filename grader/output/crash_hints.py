"""The usual causes of an exception, by `Crash.hint`: in a phrase for the instructor, with advice for the student."""

from __future__ import annotations

from typing import NamedTuple


class Hint(NamedTuple):
    """One cause: the phrase that a class report counts, and the sentence that a student reads."""

    cause: str
    advice: str


HINTS = {
    "byte": Hint(
        "a number too large for a byte",
        "An array of bytes (`uint8`) holds 0 … 255 only: create it with floats, `np.zeros(shape)`.",
    ),
    "empty-slice": Hint(
        "a slice `x[p:-p]` with p = 0",
        "`x[p:-p]` is empty if p is 0, because `x[0:-0]` is `x[0:0]`: write `x[p : p + n]`.",
    ),
    "environment": Hint(
        "written for an older NumPy",
        "NumPy has changed; your idea may be right. `np.float` and `np.int` are gone: write `float` and `int`. "
        "Only an array without axes converts to a number: take the single cell with `b.item()`.",
    ),
    "sequence": Hint(
        "an array assigned to a single cell",
        "You assign an array to a single cell: sum it up, or take its one number with `b.item()` "
        "(recent NumPy does not do that for you).",
    ),
    "no-return": Hint(
        "a missing `return`",
        "A value is None here. A function that ends without `return` returns None: check that yours return a value.",
    ),
    "none-left": Hint(
        "a `None` of the template",
        "A value is None here: write your code in place of each `None` of the template, as in `x = None`.",
    ),
    "shape-as-tuple": Hint(
        "a shape given as two arguments",
        "The shape is one argument, a tuple: `np.zeros((rows, columns))`, with two pairs of parentheses.",
    ),
    "pair": Hint(
        "arithmetic with a tuple",
        "One of the values is a tuple, as `x.shape` and pairs are: take its numbers first (`rows, columns = x.shape`).",
    ),
    "float-size": Hint(
        "a size that is not a whole number", "Sizes and indices must be whole numbers: divide with `//`, not with `/`."
    ),
    "beyond": Hint(
        "an index past the edge",
        "A window reaches past the (padded) input, or a result past the output: compare the sizes.",
    ),
    "empty": Hint(
        "an empty window", "A window is empty here: it starts past the end of the input, or ends at its start."
    ),
    "negative-size": Hint(
        "a negative size",
        "The output size is negative: compare your computation with the formula that `grade show` prints.",
    ),
    "matrix-product": Hint(
        "a matrix product of shapes that do not match",
        "This is a matrix product (`@`, `np.dot`, or `*` between `np.matrix`): the columns of the first must be the "
        "rows of the second. `*` between arrays multiplies element by element.",
    ),
    "shapes": Hint(
        "shapes that do not match",
        "The shapes of two arrays do not match: a slice at the edge is shorter, or rows and columns are swapped.",
    ),
    "channel-order": Hint(
        "channels on another axis",
        "Your function unpacks `shape` with the channels in another place than the exercise has them: compare it with "
        "the arrays that `grade show` prints.",
    ),
    "hashable": Hint(
        "an array used as a key",
        "An array cannot be a key: of a dictionary, of a set, or of `functools.lru_cache` (remove that line).",
    ),
    "recursion": Hint("a function that calls itself without an end", "The function calls itself and never stops."),
    "python2": Hint(
        "a name of Python 2",
        "Only Python 2 has this name. Python 3 has `range` for `xrange`, `input` for `raw_input`, `str` for `unicode` "
        "and `int` for `long`; `reduce` is in `functools`.",
    ),
    "main-block": Hint(
        "a name set under `if __name__`",
        'What is under `if __name__ == "__main__":` is not run when your function is graded: move what it needs above, '
        "to the left margin.",
    ),
    "name": Hint(
        "an undefined name",
        "This name is not defined when your function runs: check its spelling, and that your file defines it.",
    ),
    "read-only": Hint("a modified tuple", "A tuple cannot be changed: convert it to a list or an array first."),
}
