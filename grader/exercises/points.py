"""The points of each case: by default, half for the written cases and half for the sweep."""

from __future__ import annotations

from grader.model.exercise import Exercise


def shares(exercise: Exercise) -> list[float]:
    """Return the points of each case, in order. Raise ValueError when the stated points do not add up.

    Cases keep their stated points. The written cases without any share the rest of their half equally, and the cases of
    the sweep share its part equally.
    """
    drawn = [case for case in exercise.cases if case.generated]
    written = [case for case in exercise.cases if not case.generated]
    stated = sum(case.points or 0 for case in written)
    free = sum(case.points is None for case in written)
    for_sweep = 0.0
    if drawn:
        half = exercise.points / 2 if free else exercise.points - stated
        asked = exercise.sweep.points if exercise.sweep else None
        for_sweep = half if asked is None else asked
    rest = exercise.points - for_sweep - stated
    if rest < -1e-9 or for_sweep < 0 or (not free and abs(rest) > 1e-9):
        raise ValueError(f"the points of the cases and of the sweep do not add up to {exercise.points:g}")
    each = {True: for_sweep / len(drawn) if drawn else 0.0, False: rest / free if free else 0.0}
    return [each[case.generated] if case.points is None else case.points for case in exercise.cases]
