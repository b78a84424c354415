"""The closed set of shapes most controls are declared with. A check written against a lens has its fix for free."""

from __future__ import annotations

from fsbp_lsp.controls.registry import NOT_APPLICABLE, PASS, Assumed, Control, Unknown, declare
from fsbp_lsp.model import Attr, Companion, Finding, Fix, Nested, Part, Placeholder, Reference, Refusal, Safety, Update, Verdict, read_path
from fsbp_lsp.values import ABSENT, MAYBE, NO, UNKNOWN, YES, Origin, Ref, Tri, Value, Via, as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from fsbp_lsp.controls.registry import Answer, Context, Parameter
    from fsbp_lsp.model import Kind, Question, Subject
    from fsbp_lsp.text import Edit, Loc

OVERRULED = (Via.VARIABLE, Via.TFVARS, Via.LOCAL, Via.PARAMETER, Via.SUPPLIED, Via.ARGUMENT, Via.REFERENCE)
"""Hops after which a value is somebody's decision elsewhere: changing it asks for a review."""


_PASSED_ON = (Via.VARIABLE, Via.TFVARS, Via.ARGUMENT)
"""Hops that say where the argument of a call, which only hands a value on, has it from."""

OPERATORS = (" ? ", "&&", "||", "==", "!=", "!var", "!local", "!each", "(", "<", ">", " + ", " - ", " * ", " / ", " for ")
"""What makes a Terraform expression more than a name."""


# Messages


def cause(value: Value) -> str:
    """Where a value came from, in a few words: `default of var.enc`; '' when it is written at the place itself.

    Of a long way only its end and the first condition that chose it are said; the finding shows every hop.
    """
    words: list[str] = []
    chosen = ""
    for number, origin in enumerate(value.origins):
        if origin.via is Via.ARGUMENT and number + 1 < len(value.origins) and value.origins[number + 1].via in _PASSED_ON:
            continue
        if origin.via is Via.BRANCH and origin.note and not chosen:
            chosen = f"through {origin.note}"
        if origin.via is Via.DEFAULT:
            words.append(origin.note or "default")
        elif origin.via is Via.VARIABLE:
            made = origin.at is not None and value.only is not ABSENT and as_text(value.only) is not None and not _says(origin.at, value)
            words.append(f"{'by the ' if made else ''}default of {origin.note}")
        elif origin.via is Via.TFVARS:
            words.append(f"{origin.note} in tfvars")
        elif origin.via is Via.PARAMETER:
            words.append(f"default of parameter {origin.note}")
        elif origin.via is Via.SUPPLIED:
            words.append(f"value of parameter {origin.note}" + (f" in {_file_name(origin.at)}" if origin.at is not None else ""))
        elif origin.via in (Via.LOCAL, Via.REFERENCE, Via.ARGUMENT, Via.OUTPUT, Via.BRANCH):
            words.append(f"through {origin.note}" if origin.note else origin.via.value)
        elif origin.via is Via.ASSUMED:
            words.append(f"assumed: {origin.note}")
    words = [word for word in dict.fromkeys(words) if not (word.startswith("by the ") and word.removeprefix("by the ") in words)]
    if len(words) > 2:
        end = words.index(chosen) if chosen in words else len(words)
        words = [*words[max(0, end - 1) : end], chosen] if chosen else words[-1:]
    return ", ".join(words)


def _file_name(at: Loc) -> str:
    return at.path.replace("\\", "/").rpartition("/")[2]


def fact(name: str, value: Value) -> str:
    """`name is value (cause)`."""
    if value.options == (ABSENT,):
        return f"{name} is not set"
    shown = value.shown
    why = cause(value)
    return f"{name} is {shown} ({why})" if why else f"{name} is {shown}"


def why_unknown(value: Value) -> str:
    """Why a value is not decided, for `--show-unknown`."""
    for origin in reversed(value.origins):
        if origin.via is Via.OPAQUE and origin.note:
            return origin.note
    if len(value.options) > 1:
        return f"it is {value.shown}, depending on a condition"
    if isinstance(value.raw, Ref):
        return f"{value.shown} is known only after deployment"
    return "the value is not decided by source" if value.only is UNKNOWN else f"{value.shown} is not decided by source"


def within(part: Subject, name: str) -> str:
    """The name of an attribute of a block or element, said with the block: `root_block_device.encrypted`."""
    block = next((step for step in reversed(part.base) if isinstance(step, str)), "")
    return f"{block}.{name}" if block else name


def place(subject: Subject, path: Any, value: Value) -> Loc:
    """The wrong value, else the header of the thing that lacks it."""
    return value.at if value.at is not None else subject.header_of(tuple(path or ()))


# Fixes


def effect(update: Update) -> tuple[Safety, str]:
    """Safety of a complete edit with this effect on live infrastructure, and the note to show."""
    return (Safety.SAFE, "") if update is Update.IN_PLACE else (Safety.REVIEW, update.value)


def spoken(want: Any) -> str:
    if isinstance(want, bool):
        return "true" if want else "false"
    if isinstance(want, Placeholder):
        return want.text
    return f'"{want}"' if isinstance(want, str) else str(want)


def fix_of(title: str, edits: tuple[Edit, ...] | Refusal, safety: Safety, note: str = "") -> Fix:
    if isinstance(edits, Refusal):
        return Fix(title, (), safety, note, edits.reason)
    return Fix(f"{title} ({note})" if note else title, edits, safety, note)


def _says(at: Loc, value: Value) -> bool:
    """The literal written at `at` is the value itself, and not something the value is made of."""
    text, datum = as_text(value.only), at.text.strip()
    for mark in ('"', "'"):
        datum = datum.removeprefix(mark).removesuffix(mark)
    return text is not None and text.lower() == datum.lower()


def written_elsewhere(value: Value, handed_on: bool = False, *, by_hand: bool = False) -> Origin | None:
    """The hop where a value that came from elsewhere is written as it is; None when something is made of it on the way.

    handed_on: the expression at the value's place is known to hand on one of the things it refers to, so that a decided
    condition in it, or in what its resource is repeated by, may have chosen the value.
    by_hand: the edit is for somebody who looks at it, so a condition may ask about a collection that the value is written in
    (`var.rules != null`): only few of those would come out otherwise.
    """
    number = next((number for number, hop in enumerate(value.origins) if hop.via is Via.BRANCH), len(value.origins))
    hops, reasons = value.origins[:number], value.origins[number:]
    if len(value.options) != 1 or (reasons and not handed_on):
        return None
    source = next((hop for hop in reversed(hops) if hop.via in OVERRULED and hop.at is not None), None)
    if source is None or source.at is None or not _says(source.at, value):
        return None
    if any(hop.at == source.at if by_hand else _holds(hop.at, source.at) for hop in reasons if hop.at is not None):
        # What chose the value would change with it.
        return None
    # `!var.off`, `var.a && var.b`: another default need not make another value.
    places = [None if handed_on else value.at, *(hop.at for hop in hops if hop is not source)]
    return None if any(at is not None and any(mark in at.text for mark in OPERATORS) for at in places) else source


def _holds(outer: Loc, inner: Loc) -> bool:
    return outer.path == inner.path and outer.start <= inner.start and inner.end <= outer.end


def spelled(value: Value, source: Origin, kind: str = "") -> str:
    """How the place calls what it reads: `var.security.at_rest`, where the hop knows `var.security` only.

    kind: what is said before the name, as `the default of `.
    """
    text = value.at.text if value.at is not None else ""
    if text.startswith(source.note) and "\n" not in text:
        return kind + text
    if source.at is not None and ("each." in text or ".value" in text):
        # An element of a collection that something is repeated by.
        return f"{source.at.text} in {kind}{source.note}"
    return kind + source.note


def put_fixes(subject: Subject, attr: Attr, value: Value, want: Any) -> list[Fix]:
    """Set `attr` to `want`: where the bad value was written when it came from elsewhere, and at the resource."""
    dialect = subject.resource.dialect
    path = attr.path(dialect.name)
    if path is None:
        return []
    safety, note = effect(attr.update)
    if isinstance(want, Placeholder):
        safety = Safety.MANUAL
    name = attr.shown(dialect.name)
    if attr.text and dialect.name == "cloudformation" and isinstance(want, bool):
        want = "true" if want else "false"
    fixes: list[Fix] = []
    source = written_elsewhere(value) or written_elsewhere(value, dialect.hands_on(value))
    if source is not None and source.at is not None:
        kind = {Via.VARIABLE: "the default of ", Via.PARAMETER: "the default of parameter ", Via.SUPPLIED: "the value of parameter "}.get(
            source.via, ""
        )
        edits = dialect.replace(source.at, want)
        fixes.append(fix_of(f"Change {spelled(value, source, kind)} to {spoken(want)}", edits, min(safety, Safety.REVIEW), note))
    overruled = any(hop.via in OVERRULED for hop in value.origins)
    title = f"Set {name} to {spoken(want)}" + (" here" if fixes else "")
    edits = dialect.put(subject.resource, (*subject.base, *path), want)
    fixes.append(fix_of(title, edits, min(safety, Safety.REVIEW) if overruled else safety, note))
    return fixes


def put_together(subject: Subject, wanted: dict[Attr, Any]) -> tuple[Edit, ...] | Refusal:
    """Set several attributes of one part as one set of edits."""
    name = subject.resource.dialect.name
    paths = {attr: (*subject.base, *(attr.path(name) or ())) for attr in wanted}
    base = next(iter(paths.values()))[:-1]
    if any(path[:-1] != base or not isinstance(path[-1], str) for path in paths.values()):
        return Refusal("the settings are written in different places")
    return subject.resource.dialect.put_all(subject.resource, base, {str(paths[attr][-1]): want for attr, want in wanted.items()})


# Shapes


def control(
    id: str,
    *kinds: type[Kind],
    slug: str,
    partial: str = "",
    no_fix: str = "",
    parameters: tuple[Parameter, ...] = (),
    assumptions: tuple[str, ...] = (),
) -> Callable[[Callable[[Any, Context], Answer]], Control]:
    """Declare a control by a function of (subject, context)."""

    def wrap(check: Callable[[Any, Context], Answer]) -> Control:
        return declare(Control(id, kinds, check, slug=slug, partial=partial, no_fix=no_fix, parameters=parameters, assumptions=assumptions))

    return wrap


def gate(subject: Subject, only_if: Question | None, unless: Question | None) -> Answer | None:
    """NOT_APPLICABLE or Unknown when the questions exempt the subject; None to go on."""
    doubt = ""
    if unless is not None:
        answer = unless(subject)
        if answer is YES:
            return NOT_APPLICABLE
        if answer is MAYBE:
            doubt = unless.doubt(subject) or unless.text
    if only_if is not None:
        answer = only_if(subject)
        if answer is NO:
            return NOT_APPLICABLE
        if answer is MAYBE:
            doubt = only_if.doubt(subject) or only_if.text
    return Unknown(f"whether {doubt} is not decided by source") if doubt else None


def require(
    id: str,
    *attrs: Attr,
    slug: str,
    is_: Any = None,
    in_: Sequence[Any] | None = None,
    not_in: Sequence[Any] | None = None,
    at_least: int | None = None,
    want: Any = None,
    unless: Question | None = None,
    only_if: Question | None = None,
    assume: tuple[str, Any] | None = None,
    undeclared: tuple[Question, str] | None = None,
    overruled: bool = False,
    partial: str = "",
    no_fix: str = "",
    unfixable: Question | None = None,
) -> Control:
    """A scalar must be `is_`, one of `in_`, none of `not_in`, or `at_least`. The fix writes `want` (else the obvious value).

    Several attrs name the same property of several kinds. assume: (assumption, value) under which an
    attribute that is not written passes. undeclared: (question, AWS default): where the answer is YES, an
    attribute that is not written is UNDECLARED, since AWS's own default for new resources then complies.
    overruled: AWS keeps to that default even where a bad value is written, which then is UNDECLARED as well.
    unfixable: where the answer is not NO, AWS would not take the wanted value: the finding stands without a fix.
    """
    if want is None:
        want = is_ if is_ is not None else in_[0] if in_ is not None else at_least
    kinds = {attr.owner: attr for attr in attrs}

    def holds(value: Value) -> Tri:
        if is_ is not None:
            return value.is_(is_)
        if in_ is not None:
            return value.in_(in_)
        if not_in is not None:
            return ~value.in_(not_in)
        return value.at_least(at_least or 0)

    def check(subject: Any, context: Context) -> Answer:
        exempt = gate(subject, only_if, unless)
        if exempt is not None:
            return exempt
        attr = next(found for kind, found in kinds.items() if kind is not None and isinstance(subject, kind))
        value = attr.read(subject)
        answer = holds(value)
        if answer is YES:
            return PASS
        if answer is MAYBE:
            return Unknown(why_unknown(value))
        if assume is not None and value.at is None and context.assumes(assume[0]) == assume[1]:
            return Assumed(assume[0])
        finding = wrong(id, subject, attr, value, want, fixable=not no_fix and (unfixable is None or unfixable(subject) is NO))
        if undeclared is not None and (value.at is None or overruled):
            complies = undeclared[0](subject)
            if complies is MAYBE:
                return Unknown(f"whether {undeclared[0].text} is not decided by source")
            if complies is YES:
                finding.verdict = Verdict.UNDECLARED
                if value.at is None:
                    finding.message = f"{attr.shown(subject.resource.dialect.name)} is not set"
                    finding.origins = ()
                finding.message += f"; {undeclared[1]}"
        return [finding]

    owners = tuple(owner for owner in kinds if owner is not None)
    return declare(
        Control(
            id,
            owners,  # type: ignore[arg-type]  # an Attr's owner is a Kind here
            check,
            slug=slug,
            partial=partial,
            no_fix=no_fix,
            assumptions=(assume[0],) if assume else (),
        )
    )


def wrong(
    id: str,
    subject: Subject,
    attr: Attr,
    value: Value,
    want: Any = None,
    *,
    message: str = "",
    fixable: bool = True,
    fixes: Callable[[], list[Fix]] | None = None,
) -> Finding:
    """The finding that `attr` of a resource, or of a part of one, has this value: place, message, cause and fix.

    want: what the fix writes, unless `fixes` makes others or `fixable` is false. message: in place of the plain fact.
    """
    dialect = subject.resource.dialect.name
    return Finding(
        id,
        subject.owner,
        place(subject, attr.path(dialect), value),
        message or fact(attr.shown(dialect), value),
        value=value.shown if value.at is not None else "",
        facet="/".join(str(step) for step in (*subject.base, attr.name)),
        origins=value.origins,
        fixes=(fixes or (lambda: put_fixes(subject, attr, value, want))) if fixable else None,
    )


def require_present(
    id: str,
    *attrs: Attr,
    slug: str,
    placeholder: str = "",
    also: tuple[str, str] | None = None,
    unless: Question | None = None,
    only_if: Question | None = None,
    partial: str = "",
    no_fix: str = "",
) -> Control:
    """A key, a log bucket, a root object must be set; which one is a human decision, so the fix holds a placeholder.

    also: (attribute, placeholder) that AWS accepts only together with it.
    """
    kinds = {attr.owner: attr for attr in attrs}

    def check(subject: Any, context: Context) -> Answer:
        exempt = gate(subject, only_if, unless)
        if exempt is not None:
            return exempt
        attr = next(found for kind, found in kinds.items() if kind is not None and isinstance(subject, kind))
        value = attr.read(subject)
        answer = value.present()
        if answer is YES:
            return PASS
        if answer is MAYBE:
            return Unknown(why_unknown(value))
        fixes: Callable[[], list[Fix]] | None = None
        if also is not None and value.at is None and getattr(subject, also[0]).present() is NO:
            wanted = {attr: Placeholder(placeholder), getattr(type(subject), also[0]): Placeholder(also[1])}
            title = f"Set {attr.shown(subject.resource.dialect.name)} to {placeholder}"

            def together() -> list[Fix]:
                return [fix_of(title, put_together(subject, wanted), Safety.MANUAL, effect(attr.update)[1])]

            fixes = together

        return [wrong(id, subject, attr, value, Placeholder(placeholder), fixable=bool(placeholder), fixes=fixes)]

    owners = tuple(owner for owner in kinds if owner is not None)
    return declare(Control(id, owners, check, slug=slug, partial=partial, no_fix=no_fix))  # type: ignore[arg-type]  # see require


def idle_block(subject: Subject, part: Part) -> str:
    """Why no companion is written: a block of the resource itself says the same, repeated for nothing as the module stands."""
    dialect = subject.resource.dialect.name
    for place_ in part.facet.places(dialect):
        if isinstance(place_, Nested) and place_.legacy and read_path(subject.value, place_.path).written:
            return f"{_text(place_.path)} blocks are there for it, repeated for nothing as the module stands"
    return ""


def create_part(subject: Subject, part: Part, wanted: dict[str, Any], title: str, update: Update, want_manual: bool = False) -> list[Fix]:
    """The fix that adds a missing facet: a companion resource, or a nested block or property."""
    resource = subject.resource
    dialect = resource.dialect
    place_ = next((p for p in part.facet.places(dialect.name) if not (isinstance(p, Nested) and p.legacy)), None)
    if place_ is None:
        return []
    safety, note = effect(update)
    if want_manual:
        safety = Safety.MANUAL
    attrs = {name: getattr(part.facet, name) for name in wanted}
    idle = idle_block(subject, part)
    if idle:
        return [Fix(title, (), safety, note, idle)]
    if isinstance(place_, Companion):
        body: list[tuple[str, Any]] = [(_text(place_.by), Reference(resource, place_.reference))]
        for name, want in wanted.items():
            path = attrs[name].path(dialect.name)
            if path is not None:
                body.append((_text((*place_.at, *path)), want))
        return [fix_of(title, dialect.insert_resource(resource, place_.type, resource.name, body), safety, note)]
    edits = dialect.put(resource, (*subject.base, *place_.path), _tree(attrs, wanted, dialect.name))
    return [fix_of(title, edits, safety, note)]


def _text(path: Any) -> str:
    from fsbp_lsp.model import show_path

    return show_path(path)


def _tree(attrs: dict[str, Attr], wanted: dict[str, Any], dialect: str) -> dict[str, Any]:
    """Nested dict of the wanted values, as a writer takes it; `[*]` in a path makes a list of one."""
    from fsbp_lsp.model import EACH

    root: dict[str, Any] = {}
    for name, want in wanted.items():
        path = attrs[name].path(dialect)
        if path is None:
            continue
        here: Any = root
        for number, step in enumerate(path):
            last = number == len(path) - 1
            if step is EACH:
                continue
            listed = not last and path[number + 1] is EACH
            inner_last = last or (listed and number + 2 == len(path))
            if inner_last:
                here[step] = [want] if listed else want
            elif listed:
                here = here.setdefault(step, [{}])[0]
            else:
                here = here.setdefault(step, {})
    return root


def require_part(
    id: str,
    kind: type[Kind],
    part: Part,
    *,
    slug: str,
    title: str,
    missing: str,
    update: Update = Update.IN_PLACE,
    undeclared: str = "",
    assume: tuple[str, Any] | None = None,
    unless: Question | None = None,
    partial: str = "",
    no_fix: str = "",
    **wanted: Any,
) -> Control:
    """A facet must exist and hold the wanted values. Several wrong attributes in one facet give one finding.

    missing: the fact to report when there is none. undeclared: the AWS default that then holds for new
    resources ("S3 turns all four on since April 2023"): the verdict is UNDECLARED instead of FAIL.
    """

    def check(subject: Any, context: Context) -> Answer:
        exempt = gate(subject, None, unless)
        if exempt is not None:
            return exempt
        items = part.read(subject)
        findings: list[Finding] = []
        doubt = ""
        for facet in items.found:
            finding, unknown = judge_together(id, facet, wanted, title, update, fixable=not no_fix)
            if finding is not None:
                findings.append(finding)
            doubt = doubt or unknown
        if findings:
            return findings
        if doubt:
            return Unknown(doubt)
        if items.found:
            return PASS
        if items.maybe_more:
            return Unknown("a companion resource may exist that source does not decide")
        if assume is not None and context.assumes(assume[0]) == assume[1]:
            return Assumed(assume[0])
        return [
            Finding(
                id,
                subject.owner,
                subject.header,
                f"{missing}; {undeclared}" if undeclared else missing,
                verdict=Verdict.UNDECLARED if undeclared else Verdict.FAIL,
                facet=part.name,
                fixes=(lambda: create_part(subject, part, wanted, title, update)) if not no_fix else None,
            )
        ]

    return declare(Control(id, (kind,), check, slug=slug, partial=partial, no_fix=no_fix, assumptions=(assume[0],) if assume else ()))


class AtLeast(int):
    """A wanted number that may be exceeded; a fix writes the number itself."""


def _meets(value: Value, want: Any) -> Tri:
    if isinstance(want, Placeholder):
        return value.present()
    return value.at_least(want) if isinstance(want, AtLeast) else value.is_(want)


def judge_together(
    id: str, facet: Any, wanted: dict[str, Any], title: str, update: Update, *, fixable: bool = True
) -> tuple[Finding | None, str]:
    """(one finding for all the attributes of a subject that are wrong, why it may not be decided)."""
    wrong: list[tuple[Attr, Value]] = []
    doubt = ""
    for name, want in wanted.items():
        attr: Attr = getattr(type(facet), name)
        value = attr.read(facet)
        answer = _meets(value, want)
        if answer is NO:
            wrong.append((attr, value))
        elif answer is MAYBE:
            doubt = doubt or why_unknown(value)
    if not wrong:
        return None, doubt
    dialect = facet.resource.dialect.name
    first = next(((attr, value) for attr, value in wrong if value.at is not None), wrong[0])
    message = ", ".join(fact(attr.shown(dialect), value) for attr, value in wrong)
    if len(message) > 100:
        message = _crowd([attr.shown(dialect) for attr, _value in wrong], [wanted[attr.name] for attr, _value in wrong])

    def fixes() -> list[Fix]:
        if len(wrong) == 1:
            attr, value = wrong[0]
            made = put_fixes(facet, attr, value, wanted[attr.name])
            return [Fix(fix.title, fix.edits, min(fix.safety, effect(update)[0]), fix.note, fix.refused) for fix in made]
        safety, note = effect(update)
        if any(hop.via in OVERRULED for _attr, value in wrong for hop in value.origins):
            safety = min(safety, Safety.REVIEW)
        edits = put_together(facet, {attr: wanted[attr.name] for attr, _value in wrong})
        if isinstance(edits, Refusal):
            return [Fix(title, (), safety, note, edits.reason)]
        return [fix_of(title, edits, safety, note)]

    at = first[1].at or facet.header_of(first[0].path(dialect) or ())
    return (
        Finding(
            id,
            facet.owner,
            at,
            message,
            value=first[1].shown if first[1].at is not None else "",
            facet=type(facet).__name__,
            origins=first[1].origins,
            fixes=fixes if fixable else None,
        ),
        doubt,
    )


def _crowd(names: list[str], wants: list[Any]) -> str:
    """The fact about attributes too many to quote one by one."""
    verb = f"are not {spoken(wants[0])}" if all(want is wants[0] for want in wants) else "fall short"
    message = f"{', '.join(names)} {verb}"
    return message if len(message) <= 100 else f"{', '.join(names[:2])} and {len(names) - 2} more {verb}"


__all__ = [
    "NOT_APPLICABLE",
    "PASS",
    "AtLeast",
    "Unknown",
    "cause",
    "control",
    "create_part",
    "effect",
    "fact",
    "fix_of",
    "gate",
    "idle_block",
    "judge_together",
    "place",
    "put_fixes",
    "put_together",
    "require",
    "require_part",
    "require_present",
    "spoken",
    "why_unknown",
    "within",
    "written_elsewhere",
]
