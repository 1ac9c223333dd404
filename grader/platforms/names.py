"""Compare names and ids as platforms write them: in any Unicode form, case, order and spacing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Moodle's word for a participant whose name is hidden. Most languages put the number right behind it.
_PARTICIPANTS = (
    *("participant", "participante", "participant(e)", "partecipante", "teilnehmer/in", "teilnehmer*in", "teilnehmer"),
    *("deelnemer", "partaidea", "deltager", "deltagare", "deltaker", "osallistuja", "uczestnik", "účastník"),
    *("udeleženec", "sudionik", "résztvevő", "участник", "учасник", "katılımcı", "συμμετέχων", "người tham gia"),
    *("参加者", "参与者", "參與者", "참여자", "مشارك", "משתתף"),
)
_NUMBERED = re.compile(r"(\D+?)[ \u00a0]?(\d+)")


def same(text: str) -> str:
    """Return a text in a form for comparing: without outer spaces, case and differences of encoding."""
    return composed(composed(text.strip()).casefold())


def composed(text: str) -> str:
    """Return a text in the form in which most systems write accents; a Mac's file names have them as own letters."""
    return unicodedata.normalize("NFC", text)


def participant(text: str) -> str:
    """Return the number in Moodle's `Participant 123`, in any of its languages, or an empty text."""
    found = _NUMBERED.fullmatch(text.strip())
    spaced = found and text.strip()[len(found[1])] in " \u00a0"
    return found[2] if found and (spaced or is_participant(found[1])) else ""


def is_participant(name: str) -> bool:
    """Tell whether a name is only Moodle's word for a hidden one; in file names its signs are missing."""
    return _letters(name) in _HIDDEN


def akin(one: str, other: str) -> bool:
    """Return whether two spellings of a name have a word in common; platforms reorder, join and shorten names."""
    squeezed, parts = "".join(_words(one)), list(_words(other))
    parts = [word for word in parts if len(word) > 1] or parts
    return not parts or not squeezed or any(word in squeezed for word in parts)


def contains(whole: str, name: str) -> bool:
    """Return whether every word of a name is in another spelling, which may have more: `Team 7-Jane Doe`."""
    squeezed = "".join(_words(whole))
    return all(word in squeezed for word in _words(name))


def _words(name: str) -> Iterator[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return (word.casefold() for word in re.findall(r"\w+", plain))


def _letters(name: str) -> str:
    return "".join(_words(name))


_HIDDEN = frozenset(map(_letters, _PARTICIPANTS))
