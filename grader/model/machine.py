"""What `grade doctor` finds out about a machine."""

from __future__ import annotations

import msgspec


class ProbeResult(msgspec.Struct, frozen=True):
    """The result of trying to break out of one isolation level.

    `says` is what the level does, or why it does not work here; `remedy` is what to do about that. `weaknesses` are
    what a working level is known not to prevent.
    """

    level: str
    holds: bool
    says: str
    remedy: str = ""
    weaknesses: tuple[str, ...] = ()
