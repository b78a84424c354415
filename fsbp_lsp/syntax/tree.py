"""The shape of YAML and JSON source. All offsets are bytes relative to the piece the node was parsed in."""

from __future__ import annotations


class Node:
    """start/end: the node's text, clamped to its last child; an anchor or tag in front is part of it.

    tag: a local tag as written (`!Sub`, `!GetAtt`), '' when none. anchor: name or ''.
    alias: the node stands for `*name`; its start/end are those of the alias, its content the anchor's:
    the list of pairs or items is the very same object, never a copy.
    A node that is neither Scalar, Mapping nor Sequence could not be read (a broken spot, an alias of
    nothing or of too much): its content is not known, and the document has an error that says why.
    """

    __slots__ = ("alias", "anchor", "end", "start", "tag")

    def __init__(self, start: int, end: int, tag: str = "", anchor: str = "", alias: bool = False) -> None:
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.alias = alias


class Scalar(Node):
    """text: the unescaped content. style: '' plain, or one of the characters `'`, `"`, `|`, `>`; JSON strings are `"`.

    value: what the template means: str, bool, int, float or None. YAML resolves plain scalars as YAML 1.1
    does, except that dates and numbers with leading zeros stay text, as CloudFormation keeps them.
    value_start/value_end: the scalar without tag and anchor.
    """

    __slots__ = ("style", "text", "value", "value_end", "value_start")

    def __init__(
        self,
        start: int,
        end: int,
        text: str,
        value: object,
        style: str,
        value_start: int,
        value_end: int,
        tag: str = "",
        anchor: str = "",
        alias: bool = False,
    ) -> None:
        self.start = start  # not through super(): this runs once per node on the hot path
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.alias = alias
        self.text = text
        self.value = value
        self.style = style
        self.value_start = value_start
        self.value_end = value_end


class Mapping(Node):
    """pairs: in source order, duplicates and merge keys (`<<`) included. flow: written with braces."""

    __slots__ = ("flow", "pairs")

    def __init__(
        self,
        start: int,
        end: int,
        pairs: list[tuple[Node, Node]],
        flow: bool,
        tag: str = "",
        anchor: str = "",
        alias: bool = False,
    ) -> None:
        self.start = start  # not through super(): this runs once per node on the hot path
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.alias = alias
        self.pairs = pairs
        self.flow = flow

    def get(self, key: str) -> Node | None:
        """The value of the last pair whose key is this scalar text; merge keys are not followed."""
        for name, value in reversed(self.pairs):
            if isinstance(name, Scalar) and name.text == key:
                return value
        return None


class Sequence(Node):
    __slots__ = ("flow", "items")

    def __init__(
        self,
        start: int,
        end: int,
        items: list[Node],
        flow: bool,
        tag: str = "",
        anchor: str = "",
        alias: bool = False,
    ) -> None:
        self.start = start  # not through super(): this runs once per node on the hot path
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.alias = alias
        self.items = items
        self.flow = flow


class Comment:
    """A `# …` (YAML) or `//`, `/* */` (JSON with comments) comment."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Error:
    """What the parser stumbled over, in words for a user (no path, no line)."""

    __slots__ = ("end", "message", "start")

    def __init__(self, start: int, end: int, message: str) -> None:
        self.start = start
        self.end = end
        self.message = message


class Document:
    """root: None for an empty or hopeless text. comments in source order. errors: empty when all was understood.

    json: the text was read as JSON. A document with errors may lack nodes: no absence is certain then.
    """

    __slots__ = ("comments", "errors", "json", "root")

    def __init__(self, root: Node | None, comments: list[Comment], errors: list[Error], json: bool) -> None:
        self.root = root
        self.comments = comments
        self.errors = errors
        self.json = json
