"""The file that `grade start` writes: a function to fill in, and what it is to do."""

from __future__ import annotations

from grader.model import Exercise


def stub(exercise: Exercise) -> str:
    """Return the text of a starter file. As it is, it earns no point."""
    task = exercise.task.rstrip().replace("\\", "\\\\").replace('"""', "'''").replace("\n", "\n    ")
    return (
        f'"""{exercise.id} · {exercise.title}. Check it with: grade {exercise.id}"""\n\n'
        f"import numpy as np\n\n\n"
        f'def {exercise.function}:\n    """{task or exercise.title}\n    """\n'
        f'    raise NotImplementedError("write {exercise.name} here")\n'
    )
