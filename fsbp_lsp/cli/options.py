"""Commands and options as data, and the small parser that reads a command line by them.

One declaration gives the parser, the help text and the shell completions; importing argparse alone
would cost a tenth of a whole cold run.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class UsageError(Exception):
    """A command line that cannot be understood; `str()` is for the user."""


class Option:
    """One option. value: name of its value in help, '' for a flag. many: may be repeated, values add up.

    split: the value is a comma-separated list (which adds up too). complete: what a shell may offer: `file`, `ids`.
    """

    __slots__ = ("choices", "complete", "help", "many", "names", "split", "value")

    def __init__(
        self,
        *names: str,
        help: str,
        value: str = "",
        choices: tuple[str, ...] = (),
        many: bool = False,
        split: bool = False,
        complete: str = "",
    ) -> None:
        self.names = names
        self.help = help
        self.value = value
        self.choices = choices
        self.many = many or split
        self.split = split
        self.complete = complete

    @property
    def key(self) -> str:
        """The long name without dashes."""
        return self.names[-1].lstrip("-")


class Command:
    """One subcommand. operand: name of its operands in help, '' when it takes none; most: how many at most."""

    __slots__ = ("complete", "help", "most", "name", "operand", "options", "summary")

    def __init__(
        self,
        name: str,
        summary: str,
        options: tuple[Option, ...] = (),
        *,
        operand: str = "",
        most: int | None = None,
        help: str = "",
        complete: str = "",
    ) -> None:
        self.name = name
        self.summary = summary
        self.options = (*options, HELP)
        self.operand = operand
        self.most = most
        self.help = help
        self.complete = complete


HELP = Option("-h", "--help", help="show this help and exit")


class Parsed:
    """What a command line says. Flags count how often they were given."""

    __slots__ = ("_lists", "_values", "counts", "operands")

    def __init__(self) -> None:
        self.operands: list[str] = []
        self.counts: dict[str, int] = {}
        self._values: dict[str, str] = {}
        self._lists: dict[str, list[str]] = {}

    def flag(self, key: str) -> bool:
        return self.counts.get(key, 0) > 0

    def value(self, key: str, default: str = "") -> str:
        return self._values.get(key, default)

    def list(self, key: str) -> Sequence[str] | None:
        """Values of an option that adds up, None when it was not given."""
        return self._lists.get(key)

    def take(self, option: Option, written: str, value: str | None) -> None:
        """Note one occurrence. Raises UsageError."""
        if not option.value:
            if value is not None:
                raise UsageError(f"{written} takes no value")
            self.counts[option.key] = self.counts.get(option.key, 0) + 1
            return
        assert value is not None
        if option.choices and value not in option.choices:
            raise UsageError(f"{written} cannot be `{value}`{near(value, option.choices) or f'; expected {spoken(option.choices)}'}")
        if option.many:
            words = listed(value) if option.split else [value]
            self._lists.setdefault(option.key, []).extend(words)
        else:
            self._values[option.key] = value


def listed(text: str) -> list[str]:
    """The words of a comma-separated list."""
    return [word for part in text.split(",") if (word := part.strip())]


def near(word: str, words: Iterable[str]) -> str:
    """`; did you mean X?`, '' when nothing is near."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"; did you mean `{found[0]}`?" if found else ""


def spoken(words: Sequence[str]) -> str:
    """`a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def parse(command: Command, argv: Sequence[str]) -> Parsed:
    """Read the words after the command's name. Options and operands mix; `--` ends the options. Raises UsageError."""
    options = {name: option for option in command.options for name in option.names}
    parsed = Parsed()
    words = list(argv)[::-1]
    while words:
        word = words.pop()
        if word == "--":
            parsed.operands.extend(reversed(words))
            break
        if word == "-" or not word.startswith("-"):
            parsed.operands.append(word)
            continue
        if word.startswith("--"):
            name, equals, attached = word.partition("=")
            option = options.get(name)
            if option is None:
                raise UsageError(f"unknown option {name}{near(name, [known for known in options if known.startswith('--')])}")
            value = attached if equals else None
        else:
            name, attached = word[:2], word[2:]
            option = options.get(name)
            if option is None:
                raise UsageError(f"unknown option {name}")
            value = (attached.removeprefix("=") or None) if option.value else None
            if not option.value and attached:
                words.append(f"-{attached}")
        if option.value and value is None:
            if not words:
                raise UsageError(f"{name} needs a value: {option.value}")
            value = words.pop()
        parsed.take(option, name, value)
    if command.most is not None and len(parsed.operands) > command.most and not parsed.flag("help"):
        limit = f"takes at most {command.most} {command.operand}" if command.most else "takes no arguments"
        raise UsageError(f"`fsbp {command.name}` {limit}, not `{parsed.operands[command.most]}`")
    return parsed


def usage(command: Command) -> str:
    """The help text of a command."""
    import textwrap

    operand = f" [{command.operand}{'' if command.most == 1 else '…'}]" if command.operand else ""
    lines = [f"Usage: fsbp {command.name} [OPTIONS]{operand}", "", command.summary]
    if command.help:
        lines += ["", command.help]
    lines += ["", "Options:"]
    for option in command.options:
        value = f" {option.value}" if option.value else ""
        head = f"  {', '.join(option.names)}{value}"
        text = option.help + (f" [{', '.join(option.choices)}]" if option.choices else "")
        body = textwrap.wrap(text, 68)
        if len(head) <= 28:
            lines.append(f"{head:<30}{body[0]}")
            body = body[1:]
        else:
            lines.append(head)
        lines += [f"{'':<30}{line}" for line in body]
    return "\n".join(lines) + "\n"
