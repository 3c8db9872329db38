"""Trees of markup in place of strings of it: every text is escaped when the tree is written, none can be forgotten."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

_LAST_BELOW_SURROGATES, _FIRST_ABOVE = 0xD7FF, 0xE000
_LAST_OF_BLOCK, _FIRST_ASTRAL = 0xFFFD, 0x10000


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Put an element at the end of `parent` and return it. A trailing `_` of an attribute's name is dropped."""
    named = {name.rstrip("_").replace("_", "-"): possible(value) for name, value in attributes.items()}
    made = SubElement(parent, tag, named)
    made.text = possible(text) or None
    return made


def possible(text: str) -> str:
    """Return a text in which every character may stand in XML 1.0; the others are written out as escapes.

    The standard library writes them as they are, and then no reader opens the file.
    """
    return "".join(char if _may_stand(ord(char)) else f"\\u{ord(char):04x}" for char in text)


def _may_stand(code: int) -> bool:
    """Tell whether a character is one of XML's own (the production `Char`)."""
    if code < ord(" "):
        return code in (0x9, 0xA)  # a carriage return may, but a reader makes a line feed of it
    return code <= _LAST_BELOW_SURROGATES or _FIRST_ABOVE <= code <= _LAST_OF_BLOCK or code >= _FIRST_ASTRAL
