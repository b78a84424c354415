"""Discovery, inheritance, and the words of every error."""

import os
from typing import Any

import pytest

from fsbp_lsp.config import ConfigError, Configuration, Settings
from fsbp_lsp.config.load import layer_of


class Knob:
    def __init__(self, name: str, type: type, default: Any, choices: tuple[Any, ...] = ()) -> None:
        self.name, self.type, self.default, self.help, self.choices = name, type, default, "", choices
        self.item = int if type is list else str


def knobs() -> dict[str, tuple[Any, ...]]:
    return {"EC2.18": (Knob("ports", list, [80, 443]), Knob("mode", str, "a", ("alpha", "beta")), Knob("deep", bool, True))}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()

    def write(path, text=""):
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    return write


def settings_for(path: str, **options: Any) -> Settings:
    return Configuration(parameters=knobs, **options).settings_for(path)


def test_the_closest_file_wins_and_nothing_is_merged(tree):
    tree("fsbp.toml", 'ignore = ["S3.9"]\nrequire-reason = true')
    tree("a/.fsbp.toml", 'ignore = ["S3.8"]')
    assert settings_for("main.tf").ignore == ("S3.9",)
    inner = settings_for(os.path.join("a", "b", "main.tf"))
    assert inner.ignore == ("S3.8",)
    assert inner.require_reason is False
    assert inner.shown_source == os.path.join("a", ".fsbp.toml")


def test_one_settings_object_per_file(tree):
    tree("fsbp.toml", "require-reason = true")
    configuration = Configuration()
    assert configuration.settings_for("a/main.tf") is configuration.settings_for("b/main.tf")
    tree("b/fsbp.toml", "")
    configuration.forget()
    assert configuration.settings_for("a/main.tf") is not configuration.settings_for("b/main.tf")


def test_pyproject_counts_only_with_our_table(tree):
    tree("fsbp.toml", "require-reason = true")
    tree("a/pyproject.toml", '[project]\nname = "fsbp-user"')
    tree("b/pyproject.toml", "[tool.fsbp]\nshow-unknown = true")
    tree("c/pyproject.toml", "= not toml, not ours: fsbp")
    assert settings_for("a/x.tf").require_reason is True
    assert settings_for("b/x.tf").show_unknown is True
    assert settings_for("c/x.tf").require_reason is True


def test_a_file_that_cannot_be_read_is_not_taken_for_none(tree, tmp_path):
    tree("fsbp.toml", "require-reason = true")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "fsbp.toml").symlink_to("gone.toml")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "fsbp.toml").symlink_to("fsbp.toml")
    (tmp_path / "c" / "fsbp.toml").mkdir(parents=True)
    (tmp_path / "c" / "pyproject.toml").symlink_to("gone.toml")
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "d" / "fsbp.toml")
    for name, reason in (("a", "a link to what is not there"), ("b", "Too many levels of symbolic links"), ("d", "not a regular file")):
        with pytest.raises(ConfigError) as error:
            settings_for(f"{name}/main.tf")
        assert str(error.value) == f"{name}/fsbp.toml: cannot read the configuration file: {reason}"
    assert settings_for("c/main.tf").require_reason is True


def test_a_pyproject_nested_too_deeply_is_its_own_business(tree):
    tree("fsbp.toml", "require-reason = true")
    tree("a/pyproject.toml", f"[tool]\na = 'fsbp'\nb = {'[' * 5000}")
    tree("b/pyproject.toml", f"[tool.fsbp]\nb = {'[' * 5000}")
    assert settings_for("a/main.tf").require_reason is True
    with pytest.raises(ConfigError, match=r"^b/pyproject\.toml: nested too deeply$"):
        settings_for("b/main.tf")


def test_discovery_ends_at_the_root_of_the_repository(tree):
    tree("fsbp.toml", "require-reason = true")
    tree("inner/.git/HEAD")
    assert settings_for("inner/a/main.tf").source == ""
    assert settings_for("other/main.tf").require_reason is True


def test_isolated_and_named_file(tree):
    tree("fsbp.toml", "require-reason = true")
    tree("other.toml", "show-unknown = true")
    assert settings_for("main.tf", isolated=True).require_reason is False
    named = settings_for("main.tf", file="other.toml")
    assert (named.require_reason, named.show_unknown) == (False, True)


def test_extend(tree):
    tree(
        "base/fsbp.toml",
        'ignore = ["S3.9"]\nextend-ignore = ["ELB.6"]\nexclude = ["gen/"]\nvar-files = ["v.tfvars"]\n'
        '[assume]\nimdsv2-default = true\norganization-trail = true\n[controls."S3.8"]\nlevel = "warn"\n',
    )
    tree(
        "app/fsbp.toml",
        'extend = "../base/fsbp.toml"\nignore = ["S3.8"]\nextend-ignore = ["RDS.2"]\n'
        '[assume]\nimdsv2-default = false\n[controls."EC2.2"]\nlevel = "off"\n',
    )
    settings = settings_for("app/main.tf")
    assert settings.ignore == ("S3.8",)
    assert settings.extend_ignore == ("ELB.6", "RDS.2")
    assert settings.assume == {"organization-trail": True}
    assert settings.levels == {"S3.8": "warn", "EC2.2": "off"}
    assert settings.excluded("base/gen/a.tf")
    assert not settings.excluded("app/gen/a.tf")
    assert settings.var_files == (os.path.abspath("base/v.tfvars"),)


def test_parameters(tree):
    tree("fsbp.toml", '[controls."EC2.18"]\nports = [22]\nmode = "beta"\ndeep = false')
    assert settings_for("main.tf").parameters == {"EC2.18": {"ports": [22], "mode": "beta", "deep": False}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nselct = []", "fsbp.toml:2: unknown key `selct`; did you mean `select`?"),
        ("frobnicate = 1", "fsbp.toml:1: unknown key `frobnicate`"),
        ('select = [\n "S3.1",\n "S3.88",\n]', "fsbp.toml:3: in `select`: there is no control `S3.88`; did you mean `S3.8`?"),
        ('ignore = ["Q9.*"]', "fsbp.toml:1: in `ignore`: `Q9.*` matches no control"),
        ('ignore = ["HIGH"]', "fsbp.toml:1: in `ignore`: the severity `HIGH` means nothing here; name controls or use a glob"),
        ('select = ["none"]', "fsbp.toml:1: `none` means something in `fail-on` only, not in `select`"),
        ('ignore = ["syntax"]', 'fsbp.toml:1: in `ignore`: `syntax` is not a control; set its level in [controls."syntax"]'),
        ("ignore = [1]", "fsbp.toml:1: `ignore` must be a string or a list of strings, and one item is a number"),
        ("ignore = 1", "fsbp.toml:1: `ignore` must be a string or a list of strings, not a number"),
        ("assume = []", "fsbp.toml:1: `assume` must be a table, not a list"),
        ("require-reason = 1", "fsbp.toml:1: `require-reason` must be true or false, not a number"),
        ('undeclared = "err"', "fsbp.toml:1: `undeclared` cannot be `err`; expected `fail`, `warn` or `ignore`"),
        ("undeclared = true", "fsbp.toml:1: `undeclared` cannot be true; expected `fail`, `warn` or `ignore`"),
        ('exclude = ["a", "!b"]', "fsbp.toml:1: in `exclude`: pattern `!b`: negated patterns are not supported"),
        ("[assume]\n\nimdsv2 = true", "fsbp.toml:3: unknown assumption `imdsv2`; did you mean `imdsv2-default`?"),
        ("assume = 3", "fsbp.toml:1: `assume` must be a table, not a number"),
        ('[controls."S3.8"]\nlevel = "blok"', "fsbp.toml:2: the level of S3.8 cannot be `blok`; did you mean `block`?"),
        ('controls."S3.99".level = "off"', "fsbp.toml:1: there is no control `S3.99`; did you mean `S3.9`?"),
        ('[controls."S3.8"]\nports = [1]', "fsbp.toml:2: S3.8 has no parameter `ports`; it takes `level` only"),
        ('[controls."EC2.18"]\nport = [1]', "fsbp.toml:2: EC2.18 has no parameter `port`; did you mean `ports`?"),
        (
            '[controls."EC2.18"]\nports = ["ssh"]',
            "fsbp.toml:2: parameter `ports` of EC2.18 must be a list (whole number each), and one item is a string",
        ),
        (
            '[controls."EC2.18"]\nmode = "gamma"',
            "fsbp.toml:2: parameter `mode` of EC2.18 cannot be `gamma`; expected `alpha` or `beta`",
        ),
        ('[per-path-ignores]\n"a/**" = ["S3.888"]', "fsbp.toml:2: in `a/**`: there is no control `S3.888`; did you mean `S3.8`?"),
        ("a = \n", "fsbp.toml:1: not valid TOML: invalid value at column 5"),
        ('extend = "nowhere.toml"', "fsbp.toml:1: cannot read nowhere.toml: no such file"),
        ('x = 1\nextend = "fsbp.toml"', "fsbp.toml:2: `extend` goes in a circle"),
        ("extend = 1", "fsbp.toml:1: `extend` must be the path of a file"),
        ("[tool.fsbp]\nselect = []", "fsbp.toml:1: [tool.fsbp] belongs in pyproject.toml; here its keys stand at the top"),
    ],
)
def test_errors(tree, text, message):
    tree("fsbp.toml", text)
    with pytest.raises(ConfigError) as caught:
        settings_for("main.tf")
    assert str(caught.value) == message


def test_an_unquoted_id_is_explained(tree):
    tree("fsbp.toml", "[controls.S3.8]\nlevel = 'off'")
    with pytest.raises(ConfigError, match="with quotes"):
        settings_for("main.tf")


def test_errors_in_pyproject_name_its_lines(tree):
    tree("pyproject.toml", "[project]\nselect = 1\n\n[tool.fsbp]\nshow-unkown = true")
    with pytest.raises(ConfigError) as caught:
        settings_for("main.tf")
    assert str(caught.value) == "pyproject.toml:5: unknown key `show-unkown`; did you mean `show-unknown`?"


def test_errors_of_an_override_name_the_option():
    with pytest.raises(ConfigError) as caught:
        settings_for("main.tf", overrides=[layer_of("slect=S3.8")])
    assert str(caught.value) == "--config slect=S3.8: unknown key `slect`; did you mean `select`?"


def test_not_text(tree, tmp_path):
    tree("fsbp.toml").write_bytes(b"x = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        settings_for("main.tf")


def test_a_missing_named_file_is_an_error(tree):
    with pytest.raises(ConfigError) as caught:
        settings_for("main.tf", file="nowhere.toml")
    assert str(caught.value) == "nowhere.toml: cannot read the configuration file: no such file"
