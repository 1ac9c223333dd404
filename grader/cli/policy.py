"""`--policy FILE`, or `policy.yaml` beside the results: the late policy from which marks are computed."""

from __future__ import annotations

import contextlib
import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import GradeError, near
from grader.numbers import as_points
from grader.text import one_line

if TYPE_CHECKING:
    from grader.classroom.store import Store
    from grader.model.marks import Policy

_file = click.Path(path_type=Path)
policy_option = click.option(
    "--policy", type=_file, metavar="FILE", help="The late policy (default: policy.yaml beside the results)."
)


def read_policy(results: Path, given: Path | None) -> Policy | None:
    """Read the policy in a file, or None where there is none. Raise GradeError where the file is wrong."""
    from grader.classroom import database, policy

    path = given or database.files(results)[0].parent / policy.NAME
    return policy.read(path) if given or path.is_file() else None


def policy_in_force(results: Path) -> Policy:
    """Return the policy that an earlier command recorded in the results, if there are any."""
    from grader.classroom import journal
    from grader.classroom.store import Store
    from grader.model.marks import NO_POLICY

    with contextlib.suppress(GradeError), Store(results) as store:  # the run, which writes there, reports what is wrong
        return journal.policy(store)
    return NO_POLICY


def apply_policy(results: Path, given: Path | None = None) -> None:
    """Let the policy in a file be in force from now on. Raise GradeError, and change nothing, where it is wrong."""
    from grader.classroom import journal
    from grader.classroom.store import Store

    wanted = read_policy(results, given)
    if wanted is None:
        return
    with Store(results) as store:
        wanted = _known(store, wanted)
        changed = wanted != journal.policy(store)
    if changed:
        with Store(results, writing=True) as store:
            _record(store, wanted)


def keep_policy(store: Store, wanted: Policy | None) -> None:
    """Let a policy be in force from now on."""
    from grader.classroom import journal

    if wanted is not None and (known := _known(store, wanted)) != journal.policy(store):
        _record(store, known)


def _record(store: Store, policy: Policy) -> None:
    from grader.classroom import journal

    text = policy_text(policy)
    with store.transaction():
        journal.record(store, "policy", who=getpass.getuser(), text=text, data=policy)
    click.echo(f"late policy: {text}", err=True)  # a table may be on standard output


def _known(store: Store, policy: Policy) -> Policy:
    """Return a policy with its extensions by the ids of submissions; a student is named by id, login or email.

    Warn of those who are nobody in the results: it may be a slip of the pen.
    """
    from msgspec.structs import replace

    from grader.classroom.absent import absent_entries
    from grader.platforms.names import same

    if not policy.extensions:
        return policy
    entries = [entry for id in store.exercises() for entry in store.entries(id)]
    entries += absent_entries(store, ("any",))
    known = {same(word): entry.student for entry in entries for word in entry.words}
    known |= {same(entry.student): entry.student for entry in entries}
    for id in policy.extensions:
        if same(id) not in known:
            guess = near(id, sorted(known))
            says = f"`{one_line(id, 60)}` has an extension, but is nobody in the results"
            click.echo(f"{says}\nhelp: {guess or 'has nobody of this id submitted anything yet?'}", err=True)
    return replace(policy, extensions={known.get(same(id), id): due for id, due in policy.extensions.items()})


def policy_text(policy: Policy) -> str:
    """Return a policy in a line."""
    parts = []
    if policy.due:
        parts.append(f"due {policy.due:%Y-%m-%d %H:%M %z}")
    if policy.grace_minutes:
        parts.append(f"{as_points(policy.grace_minutes)} minutes of grace")
    if policy.percent_per_day:
        parts.append(f"−{as_points(policy.percent_per_day)}% per day")
    if policy.points_per_day:
        parts.append(f"−{as_points(policy.points_per_day)} points per day")
    if policy.due:
        parts.append(f"the {policy.counts} version counts")
    if policy.extensions:
        parts.append(f"{len(policy.extensions)} extension{'s' * (len(policy.extensions) != 1)}")
    if policy.absent == "zero":
        parts.append("0 for who submitted nothing")
    return ", ".join(parts) or "none"
