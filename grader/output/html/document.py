"""The frame of every HTML page, and the only place where text becomes HTML.

A page is a tree of `Element`s. Their children are texts, which are always escaped, or elements. Attributes hold words
and numbers of ours only: a value that could be anything else is refused, so that no text of a student's can get into an
attribute, a URL, a style or a script. The Content Security Policy allows nothing but our own style and script, by hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, NamedTuple, TypeAlias

from grader.text import clean

GENERATOR = "torch-grader"
MARK = f'<meta name="generator" content="{GENERATOR}">'
_VOID = {"meta", "br", "hr", "col", "input", "link"}
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
_VALUE = re.compile(r"[\w .,:;/#+%()-]*", re.ASCII)
_SCHEME = re.compile(r"\s*(?!data-)[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_LIMIT = 20_000  # characters of one text; nobody reads more


class Element(NamedTuple):
    """An HTML element: its name, its attributes, its children in order."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Node, ...]


Node: TypeAlias = "str | Element"
Nodes: TypeAlias = "Node | Iterable[Nodes] | None"


def h(name: str, *children: Nodes, **attributes: str | int | float | bool | None) -> Element:
    """Make an element. `None` children and attributes are left out; `class_` and `data_at` become `class`, `data-at`.

    Raise ValueError for an attribute that is not made of our own words and numbers.
    """
    kept = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        text = "" if value is True else f"{value:g}" if isinstance(value, float) else str(value)
        if not _NAME.fullmatch(key) or key.startswith("on") or key == "style" or not _VALUE.fullmatch(text):
            raise ValueError(f"`{key}` cannot be {text[:80]!r}")
        if key in ("href", "src") and _SCHEME.match(text):
            raise ValueError(f"`{key}` leaves the page: {text[:80]!r}")
        kept.append((key, text))
    return Element(name, tuple(kept), tuple(_flat(children)))


def _flat(children: Iterable[Nodes]) -> Iterator[Node]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, str | Element):
            yield child
        else:
            yield from _flat(child)


def prose(text: str) -> list[Node]:
    """Return a sentence whose parts in backticks are code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one backtick has no partner
        return [text]
    return [h("code", part) if i % 2 else part for i, part in enumerate(parts) if part]


def data(value: Any) -> Element:
    """Return data for the script, as a block of JSON that cannot end early or hold markup."""
    return Element("script", (("type", "application/json"),), (json.dumps(value, separators=(",", ":")),))


def render(node: Node) -> str:
    """Write a tree as HTML."""
    parts: list[str] = []
    _write(node, parts)
    return "".join(parts)


def _write(node: Node, parts: list[str]) -> None:
    if isinstance(node, str):
        parts.append(escape(clean(node, _LIMIT), quote=False))
        return
    name, attributes, children = node
    parts += ["<", name, *(f' {key}="{value}"' for key, value in attributes), ">"]
    if name == "script":  # `data` alone makes these
        parts += [_json_safe(child) for child in children if isinstance(child, str)]
    else:
        for child in children:
            _write(child, parts)
    if name not in _VOID:
        parts.append(f"</{name}>")


def _json_safe(text: str) -> str:
    """Write what would mean something to HTML or JavaScript as JSON's own escapes."""
    return re.sub("[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text)


@cache
def asset(name: str) -> str:
    """Return the style or the script that the package ships."""
    return files("grader.output.html").joinpath(name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def page(title: str, *body: Nodes, wide: bool = False) -> str:
    """Return a whole page: a `title`, and what stands in its `main`."""
    style, script = asset("style.css"), asset("script.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src 'sha256-{_hash(style)}'; script-src 'sha256-{_hash(script)}'"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n{MARK}\n'
        f"{render(h('title', title))}\n<style>{style}</style>\n</head>\n"
        f'<body class="tg">\n{render(h("main", *body, class_="wide" if wide else None))}\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def fragment(*body: Nodes) -> str:
    """Return a part of a page for a notebook, which has a page of its own around it."""
    inside = render(h("div", *body, class_="tg tg-notebook"))
    style = f"{asset('style.css')}\n{asset('notebook.css')}"  # the later one wins
    return f"<style>{style}</style>{inside}<script>{asset('script.js')}</script>"


def is_ours(text: bytes) -> bool:
    """Tell whether the beginning of a file is that of a page made here."""
    return text.startswith(b"<!DOCTYPE html>") and MARK.encode() in text[:4096]
