"""The parser of command lines."""

import pytest

from fsbp_lsp.cli.commands import CHECK, COMMANDS
from fsbp_lsp.cli.options import Command, Option, UsageError, parse, usage

SAMPLE = Command(
    "sample",
    "A sample.",
    (
        Option("-q", "--quiet", help="less"),
        Option("-v", "--verbose", help="more"),
        Option("-o", "--output", value="FILE", help="where"),
        Option("--pick", value="IDS", split=True, help="which"),
        Option("--set", value="KEY=VALUE", many=True, help="what"),
        Option("--mode", value="MODE", choices=("fast", "slow"), help="how"),
    ),
    operand="PATH",
)


def test_forms_of_options():
    parsed = parse(SAMPLE, ["a", "-qv", "--output=x=y", "--pick", "1, 2", "--pick=3", "b", "--set", "k=v", "--set", "k=", "--", "-c"])
    assert parsed.operands == ["a", "b", "-c"]
    assert parsed.flag("quiet")
    assert parsed.flag("verbose")
    assert parsed.value("output") == "x=y"
    assert parsed.list("pick") == ["1", "2", "3"]
    assert parsed.list("set") == ["k=v", "k="]
    assert parsed.value("mode", "fast") == "fast"
    assert parsed.list("nothing") is None


@pytest.mark.parametrize(("argv", "output"), [(["-o", "x"], "x"), (["-ox"], "x"), (["-o=x"], "x"), (["-qo", "x"], "x"), (["-o", "-"], "-")])
def test_short_options_with_values(argv, output):
    assert parse(SAMPLE, argv).value("output") == output


def test_a_dash_is_an_operand_and_an_empty_list_stays_a_list():
    parsed = parse(SAMPLE, ["-", "--pick", ""])
    assert parsed.operands == ["-"]
    assert parsed.list("pick") == []


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--quite"], "unknown option --quite; did you mean `--quiet`?"),
        (["-x"], "unknown option -x"),
        (["-qx"], "unknown option -x"),
        (["--quiet=1"], "--quiet takes no value"),
        (["--output"], "--output needs a value: FILE"),
        (["--mode", "medium"], "--mode cannot be `medium`; expected fast or slow"),
        (["--mode", "fats"], "--mode cannot be `fats`; did you mean `fast`?"),
    ],
)
def test_mistakes(argv, message):
    with pytest.raises(UsageError) as caught:
        parse(SAMPLE, argv)
    assert str(caught.value) == message


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_help_that_fits_a_terminal(command):
    text = usage(command)
    assert max(len(line) for line in text.splitlines()) <= 100
    for option in command.options:
        assert option.names[-1] in text


def test_no_two_options_share_a_name():
    for command in COMMANDS:
        names = [name for option in command.options for name in option.names]
        assert len(names) == len(set(names)), command.name


def test_check_has_what_the_hook_takes_from_it():
    assert {"output-format", "color", "quiet", "fail-on", "select"} <= {option.key for option in CHECK.options}
