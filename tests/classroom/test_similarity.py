"""Similar programs: a line more hides no copy, what everybody writes is none, and the rarest comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import DATA, solution
from hypothesis import given
from hypothesis import strategies as st
from programs import bases, lock, submission

from grader.classroom.outlines import Outliner, packed, unpacked
from grader.classroom.similarity import MOST_LISTED, ranked
from grader.exercises.templates import template
from grader.model.class_ import Outline, Similar
from grader.output.class_text import similar_how, similar_people
from grader.sandbox.levels import process_class

pytestmark = pytest.mark.pythons  # syntax trees

FILES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((DATA / "similar").glob("*.py"))}
ORIGINAL = FILES["original"]
SHORT = """import numpy as np
def output_shape(input_size, kernel_size, padding, stride):
    sizes = zip(input_size, kernel_size, padding, stride)
    return tuple((n + 2 * p - k) // s + 1 for n, k, p, s in sizes)
"""


@pytest.fixture(scope="module")
def outliner() -> Iterator[Outliner]:
    """Return what outlines programs, in one process for all tests."""
    outliner = Outliner(process_class())
    yield outliner
    outliner.close()


def outlined(outliner: Outliner, source: str, id: str = "ex3", examples: tuple[str, ...] = ()) -> Outline:
    found = outliner.submission(lock(id).exercise, submission(id, source), examples)
    assert found
    return found


@pytest.fixture(scope="module")
def others(outliner: Outliner) -> list[tuple[str, Outline]]:
    """Return a class of students who worked alone, in all the ways that the course has seen."""
    alone = [it for it in bases("ex3") if it.name != "guarded"]  # `loops` with a line more
    return [(it.name, outlined(outliner, it.source)) for it in alone]


@pytest.mark.parametrize("name", sorted(set(FILES) - {"original"}))
def test_a_copy_is_found_in_a_class(name: str, outliner: Outliner, others: list[tuple[str, Outline]]) -> None:
    """The first line of the file says how it is like the original: in its normal form, partly, or not at all."""
    expected = FILES[name].partition("# expected: ")[2].partition(":")[0]
    found = ranked([*others, ("a", outlined(outliner, ORIGINAL)), ("b", outlined(outliner, FILES[name]))])
    of_both = [(place, one) for place, one in enumerate(found) if set(one.ids) == {"a", "b"}]
    if expected == "apart":
        assert all(one.shared < one.of / 3 for _, one in of_both)
        return
    ((place, one),) = of_both
    assert (place, one.how) == (0, expected)
    assert one.alone > 0
    assert one.shared > one.of / 2


def lines_inside(source: str) -> list[tuple[int, str]]:
    """Return where a line can be inserted into the graded function, and its indentation."""
    lines = source.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("def conv2d"))
    return [(n, line[: len(line) - len(line.lstrip())]) for n, line in enumerate(lines) if n > start and line.strip()]


@pytest.mark.parametrize("line", ["extra = np.abs(kernel)", "assert kernel is not None", "bias = float(bias)"])
def test_one_line_anywhere_hides_no_copy(line: str, outliner: Outliner, others: list[tuple[str, Outline]]) -> None:
    original, lines = outlined(outliner, ORIGINAL), ORIGINAL.splitlines()
    for number, indent in lines_inside(ORIGINAL):
        changed = "\n".join([*lines[:number], indent + line, *lines[number:]])
        found = ranked([*others, ("a", original), ("b", outlined(outliner, changed))])
        assert found[0].parts == (("a",), ("b",)), f"line {number}"
        assert found[0].shared >= 0.6 * found[0].of


def test_what_the_class_shares_is_named_as_common_and_comes_last(outliner: Outliner) -> None:
    """59 of 61 wrote the textbook's program; the two who share another one come first."""
    textbook = [(f"s{n:02}", outlined(outliner, solution("ex3") + f"# {n}\n")) for n in range(59)]
    found = ranked([*textbook, ("x", outlined(outliner, ORIGINAL)), ("y", outlined(outliner, FILES["renamed"]))])
    assert [one.ids for one in found[:1]] == [("x", "y")]
    (common,) = [one for one in found if one.common and one.how != "partly"]
    assert len(common.ids) == 59
    assert common.rarity < found[0].rarity / 20
    assert "59 of 61 students share it: probably the textbook's way" in similar_how(common)
    assert similar_people(common).endswith("s09 and 49 more")


def test_two_right_solutions_of_a_short_exercise_come_below_a_copy(outliner: Outliner) -> None:
    """Five lines have few fragments, so equal ones weigh little against a long program of two."""
    short = [outlined(outliner, SHORT + f"# {n}\n", "ex4") for n in range(2)]
    class_ = [(f"s{n}", outlined(outliner, solution("ex4") + f"# {n}\n", "ex4")) for n in range(10)]
    few = ranked([*class_, ("a", short[0]), ("b", short[1])])
    long = ranked([*class_, ("a", outlined(outliner, ORIGINAL)), ("b", outlined(outliner, FILES["renamed"]))])
    assert long[0].rarity > 3 * few[0].rarity > 0


def test_the_template_and_the_courses_own_examples_never_count(outliner: Outliner) -> None:
    given, example = template(lock("ex3").exercise), FILES["windows"]
    unchanged = [outlined(outliner, text, examples=(example,)) for text in (given, given + "\n# mine\n", example)]
    assert [outline.size for outline in unchanged] == [0, 0, 0]
    assert ranked([(str(n), outline) for n, outline in enumerate(unchanged)]) == ()
    started = given.replace("    raise", "    image = np.pad(input, 1)\n    raise")
    both = [("a", outlined(outliner, started)), ("b", outlined(outliner, started + "\n"))]
    plain = outliner.outline(lock("ex3").exercise, [started])
    assert all(found.of < len(unpacked(plain.prints)) for found in ranked(both))
    with_example = outlined(outliner, example.replace("+ bias", "+ bias * 1"), examples=(example,))
    without = outlined(outliner, example.replace("+ bias", "+ bias * 1"))
    assert len(with_example.prints) < len(without.prints) / 2


def test_groups_name_equal_bytes_and_equal_forms(outliner: Outliner) -> None:
    original, renamed, other = (outlined(outliner, FILES[name]) for name in ("original", "renamed", "windows"))
    found = ranked([("d", other), ("b", renamed), ("a", original), ("c", renamed), ("e", other)])
    equal = [(one.how, one.parts, one.students) for one in found if one.how != "partly"]
    assert equal == [("form", (("b", "c"), ("a",)), 5), ("text", (("d", "e"),), 5)]


def test_equal_texts_are_equal_programs_whatever_their_trees_are() -> None:
    one, two = Outline("text", "11", 100, packed({1})), Outline("text", "12", 100, packed({1}))
    assert [one.parts for one in ranked([("a", one), ("b", two)])] == [(("a", "b"),)]


def test_short_programs_are_not_compared(outliner: Outliner) -> None:
    short = outlined(outliner, solution("ex0"), "ex0")
    assert short.tree
    assert ranked([("a", short), ("b", short)]) == ()


def test_an_own_module_is_a_part_of_the_program_whatever_its_name(outliner: Outliner) -> None:
    head, rest = ORIGINAL[: ORIGINAL.index("def out_size")], ORIGINAL[ORIGINAL.index("def conv2d") :]
    helper = ORIGINAL[ORIGINAL.index("def out_size") : ORIGINAL.index("def conv2d")]
    exercise = lock("ex3").exercise
    whole = outliner.outline(exercise, [ORIGINAL])
    calls = {
        "from sizes import out_size": "out_size",
        "from sizes import out_size as f": "f",
        "import sizes": "sizes.out_size",
        "import sizes as s": "s.out_size",
    }
    for line, call in calls.items():
        main = f"{line}\nimport numpy as np\n{rest.replace('out_size', call)}"
        found = outliner.outline(exercise, [main, head + helper], ["sizes"])
        assert found.tree == whole.tree, line


NUMBERS = st.frozensets(st.integers(0, 60), min_size=1, max_size=30)
CLASSES = st.lists(st.tuples(st.integers(0, 8), NUMBERS), min_size=1, max_size=12)


@given(CLASSES)
def test_the_order_of_the_class_changes_nothing_and_each_count_is_true(
    programs: list[tuple[int, frozenset[int]]],
) -> None:
    forms = dict(programs)  # one set of fingerprints for each form
    class_ = [
        (f"s{n}", Outline(f"text {n}", f"{form:02}", 100, packed(forms[form]))) for n, (form, _) in enumerate(programs)
    ]
    found = ranked(class_)
    assert found == ranked(class_[::-1])
    assert [one.rarity for one in found] == sorted((one.rarity for one in found), reverse=True)
    own = {id: unpacked(outline.prints) for id, outline in class_}
    for one in found:
        shared = frozenset.intersection(*(own[id] for id in one.ids))
        alone = {mark for mark in shared if {id for id, prints in own.items() if mark in prints} == set(one.ids)}
        assert (one.shared, one.alone, one.students) == (len(shared), len(alone), len(class_))
        assert one.rarity > 0 or not shared


def test_a_list_has_an_end() -> None:
    prints = packed(range(40))
    class_ = [(f"s{n:04}", Outline(f"t{n}", f"{n // 2:04}", 99, prints)) for n in range(3 * MOST_LISTED)]
    assert len(ranked(class_)) == MOST_LISTED


def test_the_words_name_no_culprit() -> None:
    one = Similar((("1",), ("2",)), "partly", 30, 40, 20, 60, 99.0, names={"1": "Ann"})
    assert f"{similar_people(one)}: {similar_how(one)}" == (
        "Ann (1) and 2: 30 of 40 fragments are the same, 20 of them in no other program of 60"
    )
