"""Writing into a template, YAML or JSON: what the lens language's `put` means here.

    put(piece, document, resource, path, want)
    append(piece, document, resource, path, want)
    remove(piece, document, resource, path)
    replace(piece, document, node, want)                  node: a tree.Node or the (start, end) of one
    insert_resource(piece, document, after, type, name, body, condition)
    insert_ignore(piece, document, resource, at, ids, reason, until)

`piece` and `document` are what `read_yaml`/`read_json` took and gave. `resource` is the mapping under
the logical id (with Type and Properties); paths count from its Properties. Offsets (`at`, spans) are
relative to the piece. Every function answers a tuple of edits, or a Refusal with the reason; the text
is never touched where it has syntax errors. Nothing is written into the arms of an intrinsic function:
a leaf that one computes is replaced as a whole.
"""

from __future__ import annotations

from fsbp_lsp.model.path import Where, parse_path
from fsbp_lsp.model.resource import Placeholder, Reference
from fsbp_lsp.syntax.tree import Mapping, Node, Scalar, Sequence
from fsbp_lsp.syntax.yaml_text import Tagged
from fsbp_lsp.text import Refusal
from fsbp_lsp.values import NO, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol

    from fsbp_lsp.model.path import Path
    from fsbp_lsp.syntax.tree import Document
    from fsbp_lsp.text import Edit, Piece

    Chosen = Callable[[Node], Node]
    Outcome = tuple[Edit, ...] | Refusal

    class Editor(Protocol):
        """What `json_edit` and `yaml_edit` have in common."""

        def set_value(self, piece: Piece, document: Document, node: Node, value: Any) -> list[Edit] | Refusal: ...
        def insert_pair(
            self, piece: Piece, document: Document, mapping: Mapping, key: str, value: Any, after: Node | None = None
        ) -> list[Edit] | Refusal: ...
        def append_item(self, piece: Piece, document: Document, sequence: Sequence, value: Any) -> list[Edit] | Refusal: ...
        def remove_pair(self, piece: Piece, document: Document, mapping: Mapping, key: Node) -> list[Edit] | Refusal: ...
        def remove_item(self, piece: Piece, document: Document, sequence: Sequence, index: int) -> list[Edit] | Refusal: ...


_COUNTING = frozenset({"!If", "!Transform", "!ForEach", "!FindInMap", "!Split", "!GetAZs", "!Cidr"})
"""Short forms that may stand for no element or several."""
_BROKEN = "the template has syntax errors"


def _itself(node: Node) -> Node:
    return node


def put(piece: Piece, document: Document, resource: Mapping, path: Path, want: Any, chosen: Chosen = _itself) -> Outcome:
    """Make `path` hold `want`: replace what is written, or create Properties, mappings, lists and `[Key=x]` elements.

    chosen: the branch to write to of an Fn::If that the scenario decides; other nodes as they are.
    """
    if document.errors:
        return Refusal(_BROKEN)
    return _done(_put(piece, document, resource, ("Properties", *path), plain(want, document.json), chosen))


def append(piece: Piece, document: Document, resource: Mapping, path: Path, want: Any, chosen: Chosen = _itself) -> Outcome:
    """Add an element to the list at `path`, creating the list when nothing is written there."""
    if document.errors:
        return Refusal(_BROKEN)
    return _done(_append(piece, document, resource, ("Properties", *path), plain(want, document.json), chosen))


def remove(piece: Piece, document: Document, resource: Mapping, path: Path) -> Outcome:
    """Remove the property or element at `path` with its lines and trailing comment."""
    if document.errors:
        return Refusal(_BROKEN)
    found = _find(resource, ("Properties", *path))
    if isinstance(found, Refusal):
        return found
    owner, here, rest = found
    editor = _editor(document)
    if rest or not isinstance(here, Node):
        return Refusal("nothing is written there")
    if isinstance(owner, Mapping):
        keys = [key for key, value in owner.pairs if value is here]
        names = [key.text for key in keys if isinstance(key, Scalar)]
        if len(keys) != 1 or sum(1 for key, _ in owner.pairs if isinstance(key, Scalar) and [key.text] == names) != 1:
            return Refusal("the key is written twice")
        return _done(editor.remove_pair(piece, document, owner, keys[0]))
    index = next((number for number, item in enumerate(owner.items) if item is here), -1)
    return _done(editor.remove_item(piece, document, owner, index))


def replace(piece: Piece, document: Document, node: Node | tuple[int, int], want: Any) -> Outcome:
    """Replace a literal anywhere in the template (a parameter's default, say), in the notation found there."""
    if document.errors:
        return Refusal(_BROKEN)
    found = node if isinstance(node, Node) else _node_at(document, *node)
    if found is None:
        return Refusal("the value could not be found in the template")
    want = plain(want, document.json)
    if isinstance(found, Scalar) and found.style in ("'", '"') and not found.tag and isinstance(want, (bool, int, float)):
        # A quoted "false" stays text: CloudFormation wants parameter defaults to be strings.
        want = ("true" if want else "false") if isinstance(want, bool) else repr(want)
    want = _as_allowed(document, found, want)
    return want if isinstance(want, Refusal) else _done(_editor(document).set_value(piece, document, found, want))


def _as_allowed(document: Document, node: Node, want: Any) -> Any:
    """What a parameter's default has to be spelled as to be one of its allowed values; a Refusal when it cannot be."""
    from fsbp_lsp.cloudformation.domains import legal
    from fsbp_lsp.cloudformation.parameters import read_parameters

    text = as_text(want)
    section = document.root.get("Parameters") if isinstance(document.root, Mapping) else None
    parameter = next((one for one in read_parameters(section, False).values() if one.default is node), None)
    if parameter is None or text is None:
        return want
    allowed = parameter.allowed_values()
    if allowed is None:
        return want if legal(parameter, text) is not NO else Refusal(f"parameter {parameter.name} does not allow {text}")
    if any(as_text(one) == text for one in allowed):
        return want
    flag = text in ("true", "false")
    alike = next((one for one in allowed if flag and isinstance(one, str) and one.lower() == text), None)
    return Refusal(f"parameter {parameter.name} does not allow {text}") if alike is None else alike


def insert_resource(
    piece: Piece, document: Document, after: str, type: str, name: str, body: Iterable[tuple[str | Path, Any]], condition: str = ""
) -> Outcome:
    """A new resource right behind the one called `after`; `name` becomes a logical id no other resource has.

    body: (path below Properties, want) in order. References to the new resource are the caller's to make.
    condition: its `Condition`, '' for none; a companion exists where its owner does.
    """
    if document.errors:
        return Refusal(_BROKEN)
    root = document.root
    resources = root.get("Resources") if isinstance(root, Mapping) else None
    if not isinstance(resources, Mapping):
        return Refusal("the template has no Resources")
    key = next((held for held, _ in reversed(resources.pairs) if isinstance(held, Scalar) and held.text == after), None)
    if key is None:
        return Refusal(f"there is no resource {after}")
    properties: dict[str, Any] = {}
    for path, want in body:
        refused = _merge(properties, parse_path(path) if isinstance(path, str) else path, plain(want, document.json))
        if refused is not None:
            return refused
    members: dict[str, Any] = {"Type": type}
    if condition:
        members["Condition"] = condition
    if properties:
        members["Properties"] = properties
    return _done(_editor(document).insert_pair(piece, document, resources, unique_name(resources, name), members, key))


def insert_ignore(
    piece: Piece, document: Document, resource: Mapping, at: int, ids: Iterable[str], reason: str, until: str = ""
) -> Outcome:
    """Suppress `ids` at the line of offset `at`: a comment above it in YAML, the resource's Metadata in JSON."""
    if document.errors:
        return Refusal(_BROKEN)
    listed = list(ids)
    reason = " ".join(reason.split())
    if document.json:
        element: dict[str, Any] = {"id": listed[0]} if len(listed) == 1 else {"ids": listed}
        if reason:
            element["reason"] = reason
        if until:
            element["until"] = until
        return _done(_append(piece, document, resource, ("Metadata", "fsbp", "ignore"), element))
    from fsbp_lsp.syntax import yaml_edit

    # Comments above each other all count for the line below them, so one more never hides another.
    text = f"fsbp:ignore {', '.join(listed)}" + (f" until={until}" if until else "") + (f" -- {reason}" if reason else "")
    return _done(yaml_edit.insert_comment(piece, document, Node(at, at), text))


def plain(want: Any, json: bool) -> Any:
    """`want` as the editors take it: references and placeholders in the template's own notation."""
    if isinstance(want, Placeholder):
        return want.text
    if isinstance(want, Reference):
        name = want.resource.block
        if want.suffix:
            whole = "${" + name + (f".{want.cfn}" if want.cfn else "") + "}" + want.suffix.replace("${", "${!")
            return {"Fn::Sub": whole} if json else Tagged("!Sub", whole)
        if want.cfn:
            return {"Fn::GetAtt": [name, want.cfn]} if json else Tagged("!GetAtt", f"{name}.{want.cfn}")
        return {"Ref": name} if json else Tagged("!Ref", name)
    if isinstance(want, dict):
        return {key: plain(value, json) for key, value in want.items()}
    if isinstance(want, (list, tuple)):
        return [plain(value, json) for value in want]
    return want


def unique_name(resources: Mapping, name: str) -> str:
    """A logical id like `name` (letters and digits only) that no resource has yet."""
    taken = {key.text for key, _ in resources.pairs if isinstance(key, Scalar)}
    base = "".join(char for char in name if char.isascii() and char.isalnum()) or "Resource"
    found, number = base, 2
    while found in taken:
        found, number = f"{base}{number}", number + 1
    return found


def _done(made: list[Edit] | Refusal) -> Outcome:
    return made if isinstance(made, Refusal) else tuple(made)


def _editor(document: Document) -> Editor:
    """The editors for this document's notation."""
    if document.json:
        from fsbp_lsp.syntax import json_edit

        return json_edit
    from fsbp_lsp.syntax import yaml_edit

    return yaml_edit


def _put(piece: Piece, document: Document, resource: Mapping, path: Path, want: Any, chosen: Chosen) -> list[Edit] | Refusal:
    found = _find(resource, path, chosen)
    if isinstance(found, Refusal):
        return found
    owner, here, rest = found
    editor = _editor(document)
    if here is not None:
        value = _built(rest, want)
        return value if isinstance(value, Refusal) else editor.set_value(piece, document, here, value)
    step, rest = rest[0], rest[1:]
    value = _built(rest, want)
    if isinstance(value, Refusal):
        return value
    if isinstance(owner, Mapping) and isinstance(step, str):
        return editor.insert_pair(piece, document, owner, step, value)
    if isinstance(owner, Sequence) and isinstance(step, Where) and isinstance(value, dict):
        return editor.append_item(piece, document, owner, {step.key: step.value, **value})
    return Refusal("the list has no such element")


def _append(piece: Piece, document: Document, resource: Mapping, path: Path, want: Any, chosen: Chosen = _itself) -> list[Edit] | Refusal:
    found = _find(resource, path, chosen)
    if isinstance(found, Refusal):
        return found
    _, here, rest = found
    if here is None or rest:
        return _put(piece, document, resource, path, [want], chosen)
    if isinstance(here, Sequence) and not here.tag:
        return _editor(document).append_item(piece, document, here, want)
    if _is_null(here):
        return _editor(document).set_value(piece, document, here, [want])
    return Refusal("what is written there is not a list")


def _find(resource: Mapping, path: Path, chosen: Chosen = _itself) -> tuple[Any, Node | None, Path] | Refusal:
    """Walk down `path` as far as something is written.

    (owner, node, ()) when all of it is; (owner, None, steps) when `steps` are missing in `owner`;
    (owner, node, steps) when `node` is null and would have to hold them.
    """
    owner: Any = None
    here: Node = resource
    for index, step in enumerate(path):
        here = chosen(here)
        if index and _is_null(here):
            return owner, here, path[index:]
        function = _function(here)
        if function:
            return Refusal(f"decided by {function}")
        if isinstance(here, Sequence) and isinstance(step, str):
            # A list of one block is read as that block.
            if len(here.items) != 1 or _function(here.items[0]):
                return Refusal("a list of several elements")
            owner, here = here, here.items[0]
        if isinstance(step, str):
            if not isinstance(here, Mapping):
                return Refusal(f"not a mapping that could hold {step}")
            found = here.get(step)
            if found is None:
                return here, None, path[index:]
        elif isinstance(here, Sequence) and isinstance(step, (int, Where)):
            picked = _element(here, step)
            if isinstance(picked, Refusal):
                return picked
            if picked is None:
                return here, None, path[index:]
            found = picked
        elif isinstance(here, Mapping) and (step == 0 or (isinstance(step, Where) and _names(here, step))):
            continue
        else:
            return Refusal("what is written there is not a list")
        owner, here = here, found
    return owner, chosen(here), ()


def _element(sequence: Sequence, step: int | Where) -> Node | Refusal | None:
    """The element a step picks; None when there is none, a Refusal when elements may come or go."""
    if any(_counts(item) for item in sequence.items):
        return Refusal("a list with conditional elements")
    if isinstance(step, int):
        return sequence.items[step] if 0 <= step < len(sequence.items) else Refusal("the list has no such element")
    for item in sequence.items:
        if isinstance(item, Mapping) and not item.tag:
            if _names(item, step):
                return item
            key = item.get(step.key)
            if key is None or (isinstance(key, Scalar) and not key.tag):
                continue
        return Refusal(f"an element that may have {step.key} {step.value} already")
    return None


def _names(mapping: Mapping, step: Where) -> bool:
    key = mapping.get(step.key)
    return isinstance(key, Scalar) and not key.tag and key.text == step.value


def _function(node: Node) -> str:
    """The intrinsic function a collection is made by; '' for one that is written out."""
    if node.tag:
        return node.tag
    if isinstance(node, Mapping) and len(node.pairs) == 1 and isinstance(node.pairs[0][0], Scalar):
        name = node.pairs[0][0].text
        if name.startswith("Fn::") or name in ("Ref", "Condition"):
            return name
    return ""


def _counts(item: Node) -> bool:
    """The item may stand for no element, or for several."""
    function = _function(item)
    return function in _COUNTING or function.replace("Fn::", "!") in _COUNTING or _is_no_value(item) or type(item) is Node


def _is_no_value(node: Node) -> bool:
    if isinstance(node, Scalar):
        return node.tag == "!Ref" and node.text == "AWS::NoValue"
    inner = node.get("Ref") if isinstance(node, Mapping) and len(node.pairs) == 1 else None
    return isinstance(inner, Scalar) and inner.text == "AWS::NoValue"


def _is_null(node: Node) -> bool:
    return _is_no_value(node) or (isinstance(node, Scalar) and node.value is None and not node.tag)


def _built(steps: Path, want: Any) -> Any:
    """The value that holds `want` below `steps`."""
    value = want
    for step in reversed(steps):
        if isinstance(step, str):
            value = {step: value}
        elif isinstance(step, Where) and isinstance(value, dict):
            value = [{step.key: step.value, **value}]
        else:
            return Refusal("the list has no such element")
    return value


def _merge(into: dict[str, Any], path: Path, want: Any) -> Refusal | None:
    """Put `want` at `path` of a nest of plain data under construction."""
    here: Any = into
    for index, step in enumerate(path):
        if isinstance(step, str) and isinstance(here, dict):
            if index == len(path) - 1 or step not in here:
                value = _built(path[index + 1 :], want)
                if isinstance(value, Refusal):
                    return value
                here[step] = value
                return None
            here = here[step]
        elif isinstance(step, Where) and isinstance(here, list):
            same = [item for item in here if isinstance(item, dict) and item.get(step.key) == step.value]
            if not same:
                value = _built(path[index:], want)
                if isinstance(value, Refusal):
                    return value
                here.extend(value)
                return None
            here = same[0]
        else:
            return Refusal("the parts of the new resource do not fit together")
    return None


def _node_at(document: Document, start: int, end: int) -> Node | None:
    """The value whose text is exactly this span; of several, the innermost."""
    best: Node | None = None
    pending: list[Node] = [document.root] if document.root is not None else []
    while pending:
        node = pending.pop()
        if not node.start <= start or not end <= node.end:
            continue
        if (node.start, node.end) == (start, end) or (isinstance(node, Scalar) and (node.value_start, node.value_end) == (start, end)):
            best = node
        if node.alias:
            continue
        if isinstance(node, Mapping):
            pending.extend(value for _, value in node.pairs)
        elif isinstance(node, Sequence):
            pending.extend(node.items)
    return best
