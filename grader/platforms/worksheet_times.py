"""Read when a participant submitted from Moodle's grading worksheet, whose dates are in words and in its language."""

from __future__ import annotations

import re

from grader.model.marks import Submitted
from grader.platforms.names import same

_MONTHS = (  # English, German, French, Spanish, Portuguese, Italian and Dutch, by month
    "january januar janvier enero janeiro gennaio januari",
    "february februar février febrero fevereiro febbraio februari",
    "march märz mars marzo março marzo maart",
    "april april avril abril abril aprile april",
    "may mai mai mayo maio maggio mei",
    "june juni juin junio junho giugno juni",
    "july juli juillet julio julho luglio juli",
    "august august août agosto agosto agosto augustus",
    "september september septembre septiembre setembro settembre september",
    "october oktober octobre octubre outubro ottobre oktober",
    "november november novembre noviembre novembro novembre november",
    "december dezember décembre diciembre dezembro dicembre december",
)
_NUMBER_OF = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_DATE = re.compile(r"\b(\d{1,2})\.?\s+(?:de\s+)?([^\W\d]+|tháng\s+\d{1,2})\.?,?\s+(?:de\s+|năm\s+)?(\d{4})\b")
_CLOCK = re.compile(r"\b(\d{1,2})[:.](\d{2})\s*([ap])?\.?m?\b")
_LATE = re.compile(
    r"\d.*\b(late|später|verspätet|en retard|después|retraso|atrasado|atraso|ritardo|te laat|muộn|trễ)\b"
)


def worksheet_time(status: str, modified: str) -> Submitted:
    """Return what a row states: the time without its zone, which is that of whoever downloaded it, and a late flag.

    A time in an unknown language is none. Where the status does not say that it is late, nobody knows.
    """
    return Submitted(_iso(same(modified)), True if _LATE.search(same(status)) else None)


def _iso(text: str) -> str:
    date, clock = _DATE.search(text), None
    if date:
        clock = _CLOCK.search(text, date.end())
    if not date or not clock:
        return ""
    word = date[2].rpartition(" ")[2]
    month = int(word) if word.isdigit() else _NUMBER_OF.get(word, 0)
    hour = int(clock[1]) % 12 + 12 * (clock[3] == "p") if clock[3] else int(clock[1])
    if not (1 <= month <= 12 and 1 <= int(date[1]) <= 31 and hour < 24 and int(clock[2]) < 60):
        return ""
    return f"{date[3]}-{month:02}-{int(date[1]):02}T{hour:02}:{clock[2]}:00"
