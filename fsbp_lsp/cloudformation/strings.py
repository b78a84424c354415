"""Strings a template leaves open: `${…}` of Sub, dynamic references, unresolved placeholders of other tools."""

from __future__ import annotations

import re

from fsbp_lsp.values import ABSENT, UNKNOWN, Datum, Origin, Ref, Text, Via, known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.values import Value

_SUB = re.compile(r"\$\{([^{}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:(?:[^{}]|\$\{[^{}]*\})*\}\}")
_STORED = re.compile(r"\s*\{\{resolve:(secretsmanager|ssm-secure|ssm):(?:\$\{[^{}]*\}|(?!\{\{|\}\}|\$\{).)*\}\}\s*", re.DOTALL)
_STORES = {"secretsmanager": "Secrets Manager", "ssm-secure": "the parameter store, encrypted,", "ssm": "the parameter store"}
_JINJA = re.compile(r"\{\{[^{}]*\}\}|\{%[^%]*%\}")
_WHOLE = re.compile(r"\s*\$\{[^{}]*\}\s*")
_SERVERLESS = re.compile(r"\$\{(?:self|opt|env|file|ssm|cf|sls|param|s3|git|terraform|strToBool)[:(.][^{}]*\}")


def sub_parts(text: str) -> list[tuple[bool, str]]:
    """A Sub string cut into (is a variable, text or variable name); `${!x}` is the text `${x}`."""
    parts: list[tuple[bool, str]] = []
    done = 0
    dynamic = [match.span() for match in _DYNAMIC.finditer(text)] if "{{resolve:" in text else []
    for match in _SUB.finditer(text):
        name = match.group(1)
        if not name:
            continue
        start = match.start()
        if start > done:
            parts.append((False, text[done:start]))
        if name.startswith("!"):
            parts.append((False, "${" + name[1:] + "}"))
        else:
            parts.append((True, name.strip()))
        done = match.end()
    if done < len(text):
        parts.append((False, text[done:]))
    if dynamic:
        return _without_dynamic(text, dynamic)
    return parts


def _without_dynamic(text: str, spans: list[tuple[int, int]]) -> list[tuple[bool, str]]:
    """The parts around dynamic references; each of those is one variable without a name."""
    parts: list[tuple[bool, str]] = []
    done = 0
    for start, end in spans:
        parts.extend(sub_parts(text[done:start]))
        parts.append((True, ""))
        done = end
    parts.extend(sub_parts(text[done:]))
    return parts


def from_store(text: str, value: Value) -> Value:
    """The value of a text, unknown but known to be kept in a store when all of it is one dynamic reference."""
    match = _STORED.fullmatch(text) if "{{resolve:" in text else None
    if match is None or value.only is not UNKNOWN:
        return value
    service = match.group(1)
    note = f"read from {_STORES[service]} when deployed"
    origins = tuple(hop for hop in value.origins if hop.via is not Via.OPAQUE)
    return value.moved(value.at, (*origins, Origin(Via.STORE, value.at, service), Origin(Via.OPAQUE, value.at, note)), value.node)


def literal(text: str) -> Datum:
    """What a string outside Sub is known to be: itself, unless a later step will fill something in.

    Dynamic references are resolved when deployed. `{{ … }}` belongs to a template engine, a value that
    is nothing but `${…}` or holds `${self:…}` to a tool that runs before CloudFormation sees it.
    """
    if _WHOLE.fullmatch(text):
        return UNKNOWN
    if "{{" in text or "{%" in text:
        return _closed(_holes(text, _JINJA))
    if _SERVERLESS.search(text):
        return _holes(text, _SERVERLESS)
    return text


def _closed(datum: Datum) -> Datum:
    """A mark that is not closed leaves the whole text open."""
    written = datum.literal if isinstance(datum, Text) else datum
    return UNKNOWN if isinstance(written, str) and ("{{" in written or "{%" in written) else datum


def _holes(text: str, pattern: re.Pattern[str]) -> Datum:
    parts: list[Datum] = []
    done = 0
    for match in pattern.finditer(text):
        parts.extend((text[done : match.start()], UNKNOWN))
        done = match.end()
    parts.append(text[done:])
    return _merged(parts)


def _merged(parts: list[Datum]) -> Datum:
    """A lone reference stays one, a lone unknown is UNKNOWN, the rest becomes text."""
    usable = [part for part in (UNKNOWN if known(part) is ABSENT or known(part) is None else part for part in parts) if part != ""]
    if len(usable) == 1 and (usable[0] is UNKNOWN or isinstance(usable[0], Ref)):
        return usable[0]
    return Text.join(usable)


def joined(parts: list[Datum]) -> Datum:
    """The string made of these parts, as far as it is known."""
    text = _merged(parts)
    if isinstance(text, str):
        return literal(text) if "{{" in text else text
    return _closed(text)
