"""IPython's syntax in a notebook's cell, rewritten as the Python that IPython makes of it.

`%magic`, `!command` and `name?` count at the start of a logical line only, and the first two behind the `=` of an
assignment: never in a string, in brackets or on a continued line. The text is scanned, not parsed: a cell may hold
anything. Lines keep their numbers. The tests compare with IPython's own transformer.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LANGUAGES = """
! HTML SVG R ai bash bigquery cmd cpp cu cython file fortran graphviz html javascript js julia latex markdown mermaid
perl pypy python python2 python3 ruby script sh shell sql svg sx system writefile yaml
"""
NOT_PYTHON = frozenset(_LANGUAGES.split())  # magics whose cell is another language or another process; all others: code
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\f]+|\\\n) | (?P<comment>\#[^\n]*) | (?P<newline>\n)
    | (?P<string>(?:\b[A-Za-z]{1,2})?
        (?: \"{3}(?:[^\\"]+|\\.|\\\Z|\"(?!\"\"))*(?:\"{3}|\Z) | '{3}(?:[^\\']+|\\.|\\\Z|'(?!''))*(?:'{3}|\Z)
          | "(?:[^\\"\n]+|\\.)*"? | '(?:[^\\'\n]+|\\.)*'?))
    | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<operator>[=!<>]=|:=|\*\*=|//=|>>=|<<=|->|[-+*/%&|^@]=) | (?P<assign>=)
    | (?P<word>\w+) | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMAND = re.compile(r"[ \t\f]*(?:!|%[ \t]*(?!\d)\w)")  # behind the `=` of an assignment
_HELP = re.compile(r"(%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?[0-9]+\])*)(\?\??)$")
_PROMPT = re.compile(r"(?m)^(?:[ \t]*(?:>>>|\.\.\.)(?:[ \t]|$)|In \[\d+\]: |[ \t]*\.{3,}: ?)")
_SPACE = re.compile(r"[ \t\f]*")
MOST_MAGICS = 20  # cell magics above each other: each of them takes a copy of the cell
MOST_NAME = 1000  # characters before a `?`: the search is quadratic in them


class Magic(NamedTuple):
    """The first line of a cell that begins with `%%`, and the text below it."""

    name: str
    words: str
    body: str


def magic(text: str) -> Magic | None:
    """Return the cell magic that a cell begins with; None if it begins otherwise, or asks for help on one."""
    first, _, body = text.lstrip().partition("\n")
    if not first.startswith("%%") or re.match(r"%%\w+\?", first):
        return None
    name, _, words = first[2:].rstrip().partition(" ")
    return Magic(name, words.strip(), body)


def python(text: str, magics: int = MOST_MAGICS) -> str:
    """Return a cell as Python, line by line. Below a magic like `%%time` the cell goes on as Python."""
    if magics and (found := magic(text)):
        above = text[: len(text) - len(text.lstrip())].count("\n")
        call = f"get_ipython().run_cell_magic({found.name!r}, {found.words!r}, '')"
        return "\n" * above + call + "\n" + python(found.body, magics - 1)
    text = _stripped(text)
    parts: list[str] = []
    start = 0
    while start < len(text):
        end, made = _logical_line(text, start)
        parts.append(made + "\n" * (text.count("\n", start, end) - made.count("\n")))
        start = end
    return "".join(parts)


def _stripped(text: str) -> str:
    """Remove the indentation that all lines share, and pasted prompts."""
    if text.lstrip("\n")[:1] in (" ", "\t"):
        from textwrap import dedent

        text = dedent(text)
    return _PROMPT.sub("", text) if _PROMPT.match(text.lstrip()) else text


class _Line(NamedTuple):
    end: int  # behind its newline
    assigned: int  # behind the first `=` outside of brackets, or 0
    last: str  # the last token


def _scan(text: str, start: int) -> _Line:
    """Read a logical line."""
    depth, assigned, last = 0, 0, ""
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup
        if kind == "newline" and depth <= 0:
            return _Line(token.end(), assigned, last)
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif kind == "assign" and not depth and not assigned:
            assigned = token.end()
        if kind not in ("space", "newline"):
            last = token[0]
    return _Line(len(text), assigned, last)


def _logical_line(text: str, start: int) -> tuple[int, str]:
    """Return where a logical line ends, and what it is as Python; it may have fewer newlines then."""
    begin = _behind_space(text, start)
    indent = text[start:begin]
    if text[begin : begin + 1] in ("!", "?", "%", ",", ";", "/") and begin < len(text):
        end = _continued(text, begin)
        command = text[begin:end]
        if _scan(command, 0).last == "?" and (help := _asked(command)):
            return end, _call(indent, command, help)
        made = _escaped(_joined(command))
        return end, _call(indent, command, made) if made else text[start:end]
    line = _scan(text, start)
    if line.last == "?" and (help := _asked(text[begin : line.end])):
        return line.end, _call(indent, text[begin : line.end], help)
    found = _COMMAND.match(text, line.assigned) if line.assigned else None
    if not found or text[text.rfind("\n", 0, line.assigned) + 1 : line.assigned].strip() == "=":
        return line.end, text[start : line.end]
    at = _behind_space(text, line.assigned)
    end = _continued(text, at)
    command = text[at:end]
    joined = _joined(command)
    made = f"get_ipython().getoutput({joined[1:]!r})" if joined[0] == "!" else _line_magic(joined[1:])
    return end, _call(text[start:at], command, made)


def _behind_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return found.end() if found else start


def _continued(text: str, start: int) -> int:
    """Return where a command ends: behind the first newline that no backslash stands before."""
    while (newline := text.find("\n", start)) >= 0:
        if text[newline - 1 : newline] != "\\":
            return newline + 1
        start = newline + 1
    return len(text)


def _joined(command: str) -> str:
    *parts, last = command.removesuffix("\n").split("\\\n")
    return " ".join([*parts, last.rstrip()])


def _call(before: str, command: str, made: str) -> str:
    """Return a call with the newlines of the command that it stands for: in its brackets, so that it is one line."""
    inner = command.removesuffix("\n").count("\n")
    return f"{before}{made[:-1]}{chr(10) * inner}{made[-1]}" + "\n" * command.endswith("\n")


def _escaped(line: str) -> str:
    """Return what a line stands for that begins with one of IPython's signs; nothing where it is just wrong."""
    if line[:2] == "!!":
        return f"get_ipython().getoutput({line[2:]!r})"
    if line[0] == "!":
        return f"get_ipython().system({line[1:]!r})"
    if line[0] == "?":
        content = line.lstrip("?") if line[:2] == "??" else line[1:]
        return _pinfo(content, line[: len(line) - len(content)]) if content else "get_ipython().show_usage()"
    if line[0] == "%":
        return _line_magic(line[1:])
    name, _, words = line[1:].partition(" ")
    if line[0] == ",":
        return '{}("{}")'.format(name, '", "'.join(words.split()))
    if line[0] == ";":
        return f'{name}("{words}")'
    return f"{name}({', '.join(words.split())})" if name else ""


def _line_magic(line: str) -> str:
    name, _, words = line.partition(" ")
    return f"get_ipython().run_line_magic({name!r}, {words!r})"


def _asked(line: str) -> str:
    """Return the call for help that a line with `?` at its end stands for; nothing where no name is before it."""
    found = _HELP.search(line, max(0, len(line) - MOST_NAME))
    return _pinfo(found[1], found[2]) if found else ""


def _pinfo(target: str, sign: str) -> str:
    method = "pinfo2" if sign == "??" else "psearch" if "*" in target else "pinfo"
    return f"get_ipython().run_line_magic({method!r}, {target!r})"
