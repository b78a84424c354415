"""`fsbp completions`: scripts for shells, made from the declared commands."""

from __future__ import annotations

from fsbp_lsp.cli.options import UsageError, near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fsbp_lsp.cli.options import Command, Option, Parsed

SHELLS = ("bash", "zsh", "fish")


def completions(parsed: Parsed) -> int:
    """Run `fsbp completions`; returns the exit status."""
    shell = parsed.operands[0] if parsed.operands else ""
    if shell not in SHELLS:
        raise UsageError(
            f"there are no completions for `{shell}`{near(shell, SHELLS) or '; expected bash, zsh or fish'}"
            if shell
            else "`fsbp completions` needs a shell: bash, zsh or fish"
        )
    print({"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](), end="")
    return 0


def _ids() -> list[str]:
    from fsbp_lsp import catalog
    from fsbp_lsp.controls import registry

    return [*catalog.GATE_SETS, *(entry.id for entry in catalog.all_controls() if registry.coverage(entry.id)[0] in ("full", "partial"))]


def _operands(command: Command) -> list[str]:
    from fsbp_lsp.config.keys import KEYS

    if command.complete == "ids":
        return _ids()
    if command.name == "config":
        return [key.name for key in KEYS]
    return list(SHELLS) if command.name == "completions" else []


def _candidates(option: Option) -> list[str]:
    return _ids() if option.complete == "ids" else list(option.choices)


def _bash() -> str:
    from fsbp_lsp.cli.commands import COMMANDS

    cases: list[str] = []
    for command in COMMANDS:
        values = [
            f"      {'|'.join(option.names)}) "
            + ('COMPREPLY=($(compgen -f -- "$cur"))' if option.complete == "file" else _compgen(_candidates(option)))
            + "; return;;"
            for option in command.options
            if option.value
        ]
        names = [name for option in command.options for name in option.names]
        rest = 'COMPREPLY=($(compgen -f -- "$cur"))' if command.complete == "file" else _compgen(_operands(command))
        cases.append(
            "\n".join(
                [
                    f"  {command.name})",
                    '    case "$prev" in',
                    *values,
                    "    esac",
                    f'    if [[ "$cur" == -* ]]; then {_compgen(names)}; else {rest}; fi;;',
                ]
            )
        )
    return "\n".join(
        [
            "# bash completions of fsbp; load with: source <(fsbp completions bash)",
            "_fsbp() {",
            '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}"',
            f"  if ((COMP_CWORD == 1)); then {_compgen([command.name for command in COMMANDS])}; return; fi",
            '  case "${COMP_WORDS[1]}" in',
            *cases,
            "  esac",
            "}",
            "complete -o filenames -F _fsbp fsbp",
            "",
        ]
    )


def _compgen(words: list[str]) -> str:
    return f"COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$cur\"))"


def _quoted(text: str) -> str:
    """Text inside single quotes of zsh and fish; brackets and colons mean something to _arguments."""
    return text.replace("'", "").replace("[", "(").replace("]", ")").replace(":", ";").replace("`", "")


def _zsh() -> str:
    from fsbp_lsp.cli.commands import COMMANDS

    lines = ["#compdef fsbp", "# zsh completions of fsbp; put this file on $fpath as _fsbp", "_fsbp() {", "  local -a commands=("]
    lines += [f"    '{command.name}:{_quoted(command.summary)}'" for command in COMMANDS]
    lines += [
        "  )",
        "  if ((CURRENT == 2)); then _describe command commands; return; fi",
        "  local name=$words[2]",
        "  shift words; ((CURRENT--))",
        "  case $name in",
    ]
    for command in COMMANDS:
        lines.append(f"    {command.name}) _arguments -s \\")
        for option in command.options:
            for name in option.names:
                lines.append(f"      '{'*' if option.many else ''}{name}[{_quoted(option.help)}]{_zsh_value(option)}' \\")
        words = _operands(command)
        rest = "_files" if command.complete == "file" else f"({' '.join(words)})" if words else "()"
        lines.append(f"      '*:{command.operand.lower() or 'argument'}:{rest}' ;;".replace("id|slug", "id").replace("id|glob", "id"))
    return "\n".join([*lines, "  esac", "}", '_fsbp "$@"', ""])


def _zsh_value(option: Option) -> str:
    if not option.value:
        return ""
    candidates = _candidates(option)
    rest = "_files" if option.complete == "file" else f"({' '.join(candidates)})" if candidates else ""
    return f":{_quoted(option.value).lower()}:{rest}"


def _fish() -> str:
    from fsbp_lsp.cli.commands import COMMANDS

    lines = ["# fish completions of fsbp; load with: fsbp completions fish | source", "complete -c fsbp -f"]
    lines += [f"complete -c fsbp -n __fish_use_subcommand -a {command.name} -d '{_quoted(command.summary)}'" for command in COMMANDS]
    for command in COMMANDS:
        here = f"complete -c fsbp -n '__fish_seen_subcommand_from {command.name}'"
        for option in command.options:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            value = ""
            if option.value:
                candidates = _candidates(option)
                value = " -r -F" if option.complete == "file" else f" -x -a '{' '.join(candidates)}'" if candidates else " -x"
            lines.append(f"{here} {names}{value} -d '{_quoted(option.help)}'")
        words = _operands(command)
        if command.complete == "file":
            lines.append(f"{here} -F")
        elif words:
            lines.append(f"{here} -a '{' '.join(words)}'")
    return "\n".join([*lines, ""])
