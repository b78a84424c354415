"""Writing into Terraform source: paths and wanted values to edits, or the reason why not.

Loaded only when something is written: a check alone does not pay for it.
"""

from __future__ import annotations

import re

from fsbp_lsp.model import JsonDocument, Reference, Refusal, parse_path, read_path
from fsbp_lsp.syntax import hcl_tree as hcl
from fsbp_lsp.terraform import write
from fsbp_lsp.terraform.expand import switch_of
from fsbp_lsp.terraform.places import differs_between_instances, find
from fsbp_lsp.terraform.wants import Here, mode_of, nested
from fsbp_lsp.text import Edit, Loc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fsbp_lsp.model import Path, Resource
    from fsbp_lsp.terraform.module import TerraformModule, TerraformResource

    Answer = tuple[Edit, ...] | Refusal

EACH_INSTANCE = Refusal("its value differs between the instances of the resource")
NO_COMMENTS = Refusal("JSON has no comments")


def _is_json(resource: Resource) -> bool:
    from fsbp_lsp.terraform.tfjson import JsonBody

    return isinstance(_own(resource).declared.block.body, JsonBody)


def _own(resource: Resource) -> TerraformResource:
    from fsbp_lsp.terraform.module import TerraformResource

    assert isinstance(resource, TerraformResource)
    return resource


def put(resource: Resource, path: Path, want: Any) -> Answer:
    """See `Dialect.put`."""
    if _is_json(resource):
        from fsbp_lsp.terraform import json_writer

        return json_writer.put(_own(resource), path, want)
    own = _own(resource)
    place = find(own, path)
    if isinstance(place, Refusal):
        return place
    here = Here(resource)
    holder, piece = place.holder, place.piece
    if place.rest:
        value = nested(place.rest[1:], want)
        if isinstance(holder, hcl.Body):
            return write.add_content(piece, holder, here.item(str(place.rest[0]), value))
        if isinstance(holder, hcl.Object):
            return write.set_key(piece, holder, str(place.rest[0]), here.value(value))
        # An element of a list of objects, chosen by one of its keys.
        return write.append_element(piece, holder, here.value(nested(place.rest, want)[0]))
    if isinstance(holder, hcl.Body):
        if not place.step:
            # The block is there: what is wanted inside it is set one by one.
            if not isinstance(want, dict):
                return Refusal("it is a block")
            writer = write.Writer(piece)
            return _set_within(writer, holder, want, here) or writer.edits()
        attribute = holder.attributes[str(place.step)]
        if differs_between_instances(own, attribute.expr):
            return EACH_INSTANCE
        return write.set_attribute(piece, holder, attribute.name, here.value(want))
    target = _element(holder, place.step)
    if target is None or differs_between_instances(own, target):
        return EACH_INSTANCE
    return write.replace_expression(piece, target, here.value(want))


def put_all(resource: Resource, base: Path, wants: dict[str, Any]) -> Answer | None:
    """Attributes of one body, aligned together; None when they are not written in one body and go one by one."""
    if _is_json(resource):
        return None
    own = _own(resource)
    if base:
        place = find(own, base)
        if isinstance(place, Refusal):
            return place
        piece, body = place.piece, place.holder
        if place.rest or place.step or not isinstance(body, hcl.Body):
            return None
    elif len(own.declared.layers) == 1:
        piece, body = own.declared.layers[0]
    else:
        return None
    for name in wants:
        if any(block.type == name or block.labels[:1] == (name,) for block in body.blocks):
            return None
        attribute = body.attributes.get(name)
        if attribute is not None and differs_between_instances(own, attribute.expr):
            return EACH_INSTANCE
    return write.add_content(piece, body, Here(resource).content([((name,), want) for name, want in wants.items()]))


def _set_within(writer: write.Writer, body: hcl.Body, want: dict[str, Any], here: Here) -> Refusal | None:
    """Set what a dict wants in a body that is there; blocks that are there are changed, not added once more."""
    rest: list[tuple[Any, Any]] = []
    for key, value in want.items():
        there = [block for block in body.blocks if block.type == key]
        if isinstance(value, dict) and not isinstance(value, JsonDocument) and len(there) == 1:
            refusal = _set_within(writer, there[0].body, value, here)
            if refusal is not None:
                return refusal
        else:
            rest.append(((key,), value))
    return writer.add_content(body, here.content(rest)) if rest else None


def replace(at: Loc, want: Any) -> Answer:
    """See `Dialect.replace`."""
    if at.path.endswith(".json"):
        from fsbp_lsp.terraform import json_writer

        return json_writer.replace(at, want)
    from fsbp_lsp.syntax.hcl import parse_expression

    expr = parse_expression(at.text)
    collection = isinstance(want, (list, tuple, dict))
    fits = isinstance(expr, (hcl.Tuple, hcl.Object)) if collection else isinstance(expr, hcl.Literal)
    if not fits or at.text.startswith("<<"):
        return Refusal("no plain value is written there")
    start, end = at.rel
    expr.start, expr.end = start, end
    return write.replace_expression(at.piece, expr, Here(None).value(want))


def remove(resource: Resource, path: Path) -> Answer:
    """See `Dialect.remove`."""
    if _is_json(resource):
        from fsbp_lsp.terraform import json_writer

        return json_writer.remove(_own(resource), path)
    own = _own(resource)
    place = find(own, path)
    if isinstance(place, Refusal):
        return place
    if place.rest:
        return ()
    holder, piece = place.holder, place.piece
    if isinstance(holder, hcl.Body):
        if not place.step:
            if place.block is None or place.parent is None or differs_between_instances(own, holder):
                return EACH_INSTANCE
            return write.remove_block(piece, place.parent, place.block)
        attribute = holder.attributes[str(place.step)]
        if differs_between_instances(own, attribute.expr):
            return EACH_INSTANCE
        return write.remove_attribute(piece, holder, attribute.name)
    target = _element(holder, place.step)
    if target is None or differs_between_instances(own, target):
        return EACH_INSTANCE
    if isinstance(holder, hcl.Object):
        return write.remove_key(piece, holder, str(place.step))
    return write.remove_element(piece, holder, int(str(place.step)))


def clear_blocks(resource: Resource, name: str) -> Answer | None:
    """`name = []` in the place of every block of that name; None when there is no such block."""
    if _is_json(resource):
        return None
    own = _own(resource)
    found = [(piece, body) for piece, body in own.declared.layers if any(_names(block, name) for block in body.blocks)]
    if not found:
        return None
    if len(found) > 1:
        return Refusal("they are written in several places")
    piece, body = found[0]
    blocks = [block for block in body.blocks if _names(block, name)]
    if any(block.type == "dynamic" for block in blocks):
        return Refusal("they are made by a dynamic block")
    return write.clear_blocks(piece, body, blocks)


def _names(block: hcl.Block, name: str) -> bool:
    return block.type == name or (block.type == "dynamic" and block.labels[:1] == (name,))


def append(resource: Resource, path: Path, want: dict[str, Any]) -> Answer:
    """See `Dialect.append`."""
    if _is_json(resource):
        from fsbp_lsp.terraform import json_writer

        return json_writer.append(_own(resource), path, want)
    own = _own(resource)
    here = Here(resource)
    body = _repeated(own, path)
    if body is not None:
        # Blocks of this type stand there already, or nothing does: one more.
        return write.add_content(*body, here.item(str(path[-1]), want))
    place = find(own, path)
    if isinstance(place, Refusal):
        return place
    holder, piece = place.holder, place.piece
    if place.rest:
        if isinstance(holder, hcl.Body):
            return write.add_content(piece, holder, here.item(str(place.rest[0]), nested(place.rest[1:], [want])))
        if isinstance(holder, hcl.Object):
            return write.set_key(piece, holder, str(place.rest[0]), here.value(nested(place.rest[1:], [want])))
        return Refusal("there is no such list")
    target = holder.attributes[str(place.step)].expr if isinstance(holder, hcl.Body) else _element(holder, place.step)
    if isinstance(target, hcl.Tuple):
        return write.append_element(piece, target, here.value(want))
    if isinstance(target, hcl.Object):
        return Refusal("it is a single object, no list")
    return Refusal("it is no list written here")


def insert_resource(after: Resource, type: str, name: str, body: Sequence[tuple[str, Any]]) -> Answer:
    """See `Dialect.insert_resource`."""
    own = _own(after)
    module = own.module
    idle = _idle(module, type, after)
    if idle:
        return Refusal(f"{idle} is there for it, switched off as the module stands")
    if _served(own, type, body):
        return Refusal(f"another instance of {after.local} may have one of its own")
    if switch_of(own.declared) is not None:
        return Refusal("it is there only when lifecycle.enabled says so")
    unique = unique_name(module, type, name)
    provider = _provider(own)
    if isinstance(provider, Refusal):
        return provider
    if own.config.child("region").written:
        # An argument of every resource since version 6 of the provider.
        body = [("region", Reference(after, "region")), *body]
    if _is_json(after):
        from fsbp_lsp.terraform import json_writer

        return json_writer.insert_resource(own, type, unique, provider, body)
    mode = mode_of(after)
    here = Here(None, after if mode else None, mode)
    content: list[tuple[str, Any] | write.NewBlock] = []
    if mode == "for_each":
        content.append(("for_each", write.Expression(after.local)))
    elif mode == "count":
        content.append(("count", write.Expression(f"length({after.local})")))
    if provider:
        content.append(("provider", write.Expression(provider)))
    content.extend(here.content(body))
    declared = own.declared
    return write.insert_block_after(declared.piece, declared.block, write.NewBlock("resource", content, (type, unique)))


def _provider(resource: TerraformResource) -> str | Refusal:
    """The provider configuration a resource names, which belongs to its companions as well; '' for the default one."""
    for piece, body in reversed(resource.declared.layers):
        attribute = body.attributes.get("provider")
        if attribute is None:
            continue
        expr = attribute.expr
        text = str(expr.value) if isinstance(expr, hcl.Literal) else Loc(piece, attribute.expr_start, attribute.expr_end).text
        # The companion is repeated by the resource itself: it has the same keys and other values.
        return Refusal("its provider is chosen by what it is repeated over") if "each.value" in text else text
    return ""


def insert_ignore(resource: Resource, at: Loc, ids: Sequence[str], reason: str, until: str = "") -> Answer:
    """See `Dialect.insert_ignore`."""
    if at.path.endswith(".json"):
        return NO_COMMENTS
    existing = _existing_ignore(resource, at)
    if existing is not None:
        missing = [id for id in ids if id not in existing.ids]
        if not missing or not existing.id_spans:
            return ()
        last = existing.id_spans[-1]
        end = last.rel[1]
        return (Edit(Loc(last.piece, end, end), "".join(f", {id}" for id in missing)),)
    text = f"# fsbp:ignore {', '.join(ids)}"
    if until:
        text += f" until={until}"
    if reason:
        text += f" -- {reason}"
    return write.insert_comment_above(at.piece, at.rel[0], text)


def _element(holder: hcl.Object | hcl.Tuple, step: object) -> hcl.Expr | None:
    if isinstance(holder, hcl.Tuple):
        return holder.items[step] if isinstance(step, int) else None
    return next((value for key, value in holder.items if isinstance(key, hcl.Literal) and str(key.value) == step), None)


def _repeated(resource: TerraformResource, path: Path) -> tuple[Any, hcl.Body] | None:
    """The piece and body that hold one or more blocks of the last step's type; None when it is something else."""
    name = path[-1]
    if not isinstance(name, str):
        return None
    if len(path) == 1:
        piece, body = resource.declared.layers[-1]
        for piece, body in reversed(resource.declared.layers):
            if any(block.type == name for block in body.blocks):
                return piece, body
        return None
    outer = find(resource, path[:-1])
    if isinstance(outer, Refusal) or not isinstance(outer.holder, hcl.Body) or outer.step or outer.rest:
        return None
    return (outer.piece, outer.holder) if any(block.type == name for block in outer.holder.blocks) else None


def _existing_ignore(resource: Resource, at: Loc) -> Any:
    """The directive that already covers the line of `at`: on it, or alone on the line above."""
    line = at.line - 1
    for ignore in resource.module.ignores:
        if ignore.scope == "line" and ignore.at.path == at.path:
            here = ignore.at.line - 1
            if (here == line and not ignore.own_line) or (here == line - 1 and ignore.own_line):
                return ignore
    return None


def _idle(module: TerraformModule, type: str, owner: Resource) -> str:
    """A declared resource of the type without instances (`count = 0`) that may belong to `owner`; '' when there is none.

    A second one would fight with it over the same setting as soon as somebody switches it on.
    """
    for declared in module.index.types.get(type, ()):
        text = Loc(declared.piece, declared.block.start, declared.block.end).text
        if not module.instances_of(declared) and (owner.local in text or f"{owner.type}." not in text):
            return declared.address
    return ""


def _served(owner: TerraformResource, type: str, body: Sequence[tuple[str, Any]]) -> bool:
    """Whether another instance of the block, here or where the module is called once more, may have a companion of the type.

    A new block belongs to all instances, and of most settings a thing has one: two would fight over it.
    """
    by = next((parse_path(path) for path, want in body if isinstance(want, Reference) and want.resource is owner), None)
    if by is None:
        return False
    for module in owner.module.deployment.instances():
        declared = module.index.declared.get(owner.declared.address) if module.path == owner.module.path else None
        for other in module.instances_of(declared) if declared is not None else ():
            if other is not owner:
                # A companion may name it in words: what names it is called as in the companion, or `name`.
                linked = module.linked(other, type, by, by if read_path(other.config, by).written else ("name",))
                if linked.found or linked.maybe_more:
                    return True
    return False


def unique_name(module: TerraformModule, type: str, name: str) -> str:
    """A name no other resource of the type has in this module; characters Terraform refuses become `_`."""
    clean = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    if not clean or not (clean[0].isalpha() or clean[0] == "_"):
        clean = f"_{clean}"
    taken = {address for address in module.index.declared if address.startswith(f"{type}.")}
    number, made = 1, clean
    while f"{type}.{made}" in taken:
        number += 1
        made = f"{clean}_{number}"
    return made
