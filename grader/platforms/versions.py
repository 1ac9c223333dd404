"""Several submissions by the same people in one download: the newest counts or, if it is late, the last one on time."""

from __future__ import annotations

from msgspec.structs import replace

from grader.model.class_ import LeftOut
from grader.model.marks import Policy, Submitted, counting
from grader.platforms.names import same
from grader.platforms.student_files import StudentFiles, Version
from grader.text import one_line


def settled(student: StudentFiles, policy: Policy) -> tuple[StudentFiles, list[LeftOut]]:
    """Return a submission as the version of it that counts, and the versions that do not."""
    untimed = policy.counts == "last on time" and student.late
    unknown = "; the platform states no times, so the last one on time is not known" * untimed
    left_out = [LeftOut(file.name, f"{file.why}{unknown}") for file in student.replaced]
    newest = Version(student.original, student.folder, student.submitted)
    versions = [*student.earlier, newest]
    chosen = counting(_own(policy, student), [(Submitted(one.submitted), one) for one in versions], student.student)
    place, counts = versions.index(chosen), one_line(chosen.original)
    why = f"is an earlier submission by the same people: {counts} counts"
    left_out += [LeftOut(one.original, why) for one in versions[:place]]
    why = f"is late: {counts}, the last submission by the same people that is on time, counts"
    left_out += [LeftOut(one.original, why) for one in versions[place + 1 :]]
    if chosen is newest:
        return student, left_out
    note = f"your last submission on time, of {chosen.submitted}, counts; the one of {newest.submitted} is late"
    return student._replace(**chosen._asdict(), notes=(*student.notes, note)), left_out


def _own(policy: Policy, student: StudentFiles) -> Policy:
    """Return a policy with the extension of these students alone, whom it may name by id, login or email."""
    words = set(map(same, student.words))
    due = next((due for word, due in policy.extensions.items() if same(word) in words), None)
    return replace(policy, extensions={student.student: due} if due else {})
