"""What holds of every HTML page: valid, self-contained, and with nothing in it that could do anything."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from html5lib import constants
from wellformed import harmful

ELEMENTS = {
    *re.findall(
        r"\w+",
        """html head meta title style script body main article section header footer nav h1 h2 h3 h4 h5 p div span b
        small code pre a ul ol li dl dt dd table caption thead tbody tr th td details summary button input label output
        svg rect path line text g""",
    )
}
NAMESPACE = re.compile(r"\{.*\}")
LINK = re.compile(r"#[\w-]+|[\w%-]+(?:/[\w.%-]+)*\.html(?:#[\w-]+)?|\.\./[\w-]+\.html")


def elements(text: str) -> list[Element]:
    """Parse a page strictly, as a browser would, and return its elements."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=True)
    return list(parser.parse(text).iter())


def name(element: Any) -> str:
    return NAMESPACE.sub("", element.tag) if isinstance(element.tag, str) else "comment"


def hold_page(text: str, *secrets: str) -> list[Element]:
    """Fail where a page is not valid, or could load, run, send or hide anything. `secrets` must not be in it."""
    found = elements(text)
    assert {name(element) for element in found} <= ELEMENTS
    assert not harmful(text)
    for element in found:
        for attribute, value in element.attrib.items():
            key = NAMESPACE.sub("", str(attribute))
            assert not key.startswith("on")
            assert key not in {"style", "src", "srcdoc", "action", "formaction", "target", "ping"}
            assert key != "href" or LINK.fullmatch(value), value
    scripts = [element for element in found if name(element) == "script"]
    ours = [s for s in scripts if s.get("type") is None]
    assert [s.get("type") for s in scripts if s not in ours] == ["application/json"] * (len(scripts) - 1)
    styles = [element for element in found if name(element) == "style"]
    assert len(ours) == len(styles) == 1
    policy = next(str(e.get("content")) for e in found if e.get("http-equiv") == "Content-Security-Policy")
    assert policy == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src '{digest(styles[0].text)}'; script-src '{digest(ours[0].text)}'"
    )
    ids = [element.get("id") for element in found if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {e.get("href", "")[1:] for e in found if e.get("href", "").startswith("#")} <= set(ids)
    for secret in secrets:
        assert secret not in text
    return found


def digest(text: str | None) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256((text or "").encode()).digest()).decode()


def texts(found: list[Element]) -> Iterator[str]:
    """Yield what a reader sees: all texts but those of style and script."""
    for element in found:
        if name(element) not in {"style", "script"} and element.text:
            yield element.text
        if element.tail:
            yield element.tail


assert constants.E  # the messages of the strict parser
