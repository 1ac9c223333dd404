"""What `grade doctor` finds out about a machine."""

from __future__ import annotations

import msgspec


class Tested(msgspec.Struct, frozen=True):
    """A tested isolation level: `holds` if a program that tries to break out cannot.

    `says` is what the level does, or why it does not work here; `remedy` is what to do about that. `weaknesses` are
    what a working level is known not to prevent.
    """

    level: str
    holds: bool
    says: str
    remedy: str = ""
    weaknesses: tuple[str, ...] = ()
