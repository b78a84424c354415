"""What YAML scalars mean, and where their text begins and ends."""

from __future__ import annotations

import re

_STANDARD = "tag:yaml.org,2002:"
WORDS: dict[str, object] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
WORDS.update({form: True for word in ("yes", "true", "on") for form in (word, word.capitalize(), word.upper())})
WORDS.update({form: False for word in ("no", "false", "off") for form in (word, word.capitalize(), word.upper())})
NUMERIC = frozenset("-+.0123456789")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,40})")
_FLOAT = re.compile(r"(?:[-+]?(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]{1,4})?")
_PROPERTY = re.compile(rb"(?:[!&][^\s,\[\]{}]*|!<[^>\s]*>|#[^\r\n]*|[\s])+")
LINE_END = re.compile(rb"[\r\n]|\Z")


def scalar_value(text: str) -> object:
    """What a plain scalar means: bool, None, int or float as YAML 1.1 has it, else the text itself.

    Dates, leading zeros, sexagesimal, hexadecimal and grouped numbers stay text: CloudFormation
    keeps them as written, and account ids are the commonest case.
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] in NUMERIC:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if number - number == 0.0:
                return number
    return text


def tagged(tag: str, text: str) -> tuple[str, object]:
    """The tag as written and the value of a scalar that carries it."""
    shown = shown_tag(tag)
    if shown in ("!!int", "!!float", "!!bool", "!!null"):
        value = scalar_value(text)
        wanted = {"!!int": int, "!!float": float, "!!bool": bool, "!!null": type(None)}[shown]
        if type(value) is wanted:
            return shown, value
        if shown == "!!float" and type(value) is int:
            return shown, float(value)
    return shown, text


def shown_tag(tag: str) -> str:
    return "!!" + tag[len(_STANDARD) :] if tag.startswith(_STANDARD) else tag


def after_properties(data: bytes, start: int, end: int) -> int:
    """Where a node's own text begins behind its tag and anchor; `end` when there is no text."""
    at = start
    while at < end and data[at] in b"!&":
        match = _PROPERTY.match(data, at, end)
        if match is None:
            break
        at = match.end()
    return at


def block_end(data: bytes, start: int, end: int) -> int:
    """The end of a block scalar's last line of content: blank lines behind it belong to it only with `+`."""
    stop = LINE_END.search(data, start, end)
    header = data[start : stop.start() if stop is not None else end].split(b"#")[0]
    if b"+" in header:
        for ending in (b"\r\n", b"\n", b"\r"):
            if data.endswith(ending, start, end):
                return end - len(ending)
        return end
    if re.search(rb"[0-9]", header):
        return start + len(data[start:end].rstrip(b"\r\n"))
    # Blanks wider than the first line's indentation would be content; narrower ones are not.
    content = data[start:end]
    kept = content.rstrip()
    first = re.search(rb"[\r\n]([ ]*)[^ \r\n]", content)
    width = len(first.group(1)) if first is not None else 0
    for match in re.finditer(rb"[\r\n]([ \t]+)(?=[\r\n]|\Z)", content[len(kept) :]):
        if len(match.group(1)) > width:
            return start + len(kept) + match.end()
    tail = re.match(rb"[ \t]*", content[len(kept) :])
    return start + len(kept) + (tail.end() if tail is not None else 0)
