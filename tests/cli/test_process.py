"""What only a real process shows: streams, pipes, encodings, completions, and what is imported."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SOURCE = 'resource "aws_db_instance" "a" {\n  storage_encrypted = false # caf\u00e9 \u65e5\u672c\n}\n'


def fsbp(*argv: str, cwd: pathlib.Path, env: dict[str, str] | None = None, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FSBP_")}
    environment = {**clean, "PYTHONPATH": str(ROOT), **(env or {})}
    return subprocess.run(
        [sys.executable, "-m", "fsbp_lsp.cli", *argv], cwd=cwd, env=environment, capture_output=True, check=False, **options
    )


@pytest.fixture
def module(tmp_path):
    (tmp_path / "main.tf").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def test_findings_go_to_standard_output_and_the_rest_to_standard_error(module):
    run = fsbp("check", "--select", "RDS.3", "--output-format", "json", cwd=module)
    assert json.loads(run.stdout)["summary"]["findings"] == 1
    assert run.stderr.decode().startswith("Found 1 finding")


def test_a_poor_terminal_gets_escapes(module):
    run = fsbp("check", "--select", "RDS.3", cwd=module, env={"PYTHONIOENCODING": "ascii"})
    assert run.returncode == 0
    assert b"caf\\xe9 \\u65e5\\u672c" in run.stdout


def test_a_reader_that_goes_away_is_no_crash(module):
    for number in range(400):
        (module / f"m{number}.tf").write_text(SOURCE.replace('"a"', f'"a{number}"'), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "fsbp_lsp.cli", "check", "--select", "RDS.3"],
        cwd=module,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 141
    assert errors == b""


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (1, 2), (0, 1, 2)])
def test_closed_streams_change_no_status(module, closed):
    text = "".join(f" {number}{'<' if number == 0 else '>'}&-" for number in closed)
    command = f'"{sys.executable}" -m fsbp_lsp.cli check --select RDS.3 --fail-on RDS.3{text}'
    run = subprocess.run(["sh", "-c", command], cwd=module, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    assert run.returncode == 1
    assert b"Traceback" not in run.stderr
    assert (b"RDS.3" in run.stdout) is (1 not in closed)
    assert (b"Found 1 finding" in run.stderr) is (2 not in closed)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_said(module):
    for argv in (["check"], ["explain", "RDS.3"], ["check", "--output-format", "sarif"], ["version"], ["check", "--show-settings"]):
        with open("/dev/full", "wb") as full:
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            run = subprocess.run(
                [sys.executable, "-m", "fsbp_lsp.cli", *argv],
                cwd=module,
                env=environment,
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert run.returncode == 2, argv
        assert run.stderr == b"fsbp: cannot write to standard output: No space left on device\n", argv
        with open("/dev/full", "wb") as full:
            run = subprocess.run(
                [sys.executable, "-m", "fsbp_lsp.cli", *argv, "--nonsense"], cwd=module, env=environment, stderr=full, check=False
            )
        assert run.returncode == 2, argv


@pytest.mark.parametrize(
    "data",
    [b"", b"#" * 3_000_000, b"\xff\xfe\x00", b"a = 1\r\nb = 2", b"\xef\xbb\xbfa = 1\n"],
    ids=["empty", "huge", "bytes", "crlf", "bom"],
)
def test_what_cannot_be_repaired_comes_out_as_it_went_in(module, data):
    """Editors put the answer in the place of the text."""
    run = fsbp("check", "--fix", "-", "--stdin-filename", "new.tf", cwd=module, input=data)
    assert (run.returncode, run.stdout) == (0, data)
    run = fsbp("check", "--diff", "-", "--stdin-filename", "new.tf", cwd=module, input=data)
    assert (run.returncode, run.stdout) == (0, b"")


def test_output_file(module):
    run = fsbp("check", "--select", "RDS.3", "--output-format", "sarif", "--output-file", "out.sarif", cwd=module)
    assert run.stdout == b""
    assert json.loads((module / "out.sarif").read_text())["version"] == "2.1.0"
    run = fsbp("check", "--output-file", "no/where", cwd=module)
    assert run.returncode == 2
    assert b"cannot write no/where" in run.stderr


def test_a_dash_is_standard_output(module):
    run = fsbp("check", "--select", "RDS.3", "--output-format", "json", "--output-file", "-", cwd=module)
    assert json.loads(run.stdout)["summary"]["findings"] == 1
    assert os.listdir(module) == ["main.tf"]


def test_a_patch_is_one_that_git_applies(tmp_path):
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    template = tmp_path / "t.yaml"
    template.write_bytes(b"Resources:\r\n  Q:\r\n    Type: AWS::SQS::Queue\r\n    Properties:\r\n      SqsManagedSseEnabled: false")
    run = fsbp("check", "--select", "SQS.1", "--diff", cwd=tmp_path)
    assert run.returncode == 1
    subprocess.run([git, "apply", "-"], cwd=tmp_path, input=run.stdout, check=True)
    assert template.read_bytes().endswith(b"SqsManagedSseEnabled: true")
    assert template.read_bytes().count(b"\r\n") == 4


@pytest.mark.parametrize("program", [("git", "apply", "-"), ("patch", "-p1", "-s")], ids=["git", "patch"])
def test_a_patch_names_files_as_git_does(tmp_path, program):
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    names = [b"sp ace/ma in.yaml", b"new\nline.yaml", b"t\tab.yaml", b'quo"te.yaml', b"back\\slash.yaml", b"\xff.yaml", b"-dash.yaml"]
    names += ["\u65e5\u672c.yaml".encode(), b"esc\x1b[2J.yaml", b"c\r.yaml", b"x.yaml\n+++ b/y.yaml"]
    for name in names:
        path = os.path.join(os.fsencode(tmp_path), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(b"Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      SqsManagedSseEnabled: false\n")
    run = fsbp("check", "--select", "SQS.1", "--diff", ".", cwd=tmp_path)
    assert run.returncode == 1
    subprocess.run(program, cwd=tmp_path, input=run.stdout, check=True)
    assert fsbp("check", "--select", "SQS.1", "--fail-on", "SQS.1", cwd=tmp_path).returncode == 0
    assert not any(name.endswith((".orig", ".rej")) for _folder, _folders, found in os.walk(tmp_path) for name in found)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "t.yaml").write_text("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      SqsManagedSseEnabled: false\n")
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        run = fsbp("fix", "--select", "SQS.1", cwd=tmp_path)
    finally:
        tmp_path.chmod(0o755)
    assert run.returncode == 2
    assert b"cannot write t.yaml" in run.stderr


def test_what_a_terraform_run_imports(module):
    code = "import sys; from fsbp_lsp.cli import main; main(['check','-q']); print(*sys.modules, file=sys.stderr)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=module, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    imported = set(run.stderr.decode().split())
    for name in ("pygls", "lsprotocol", "asyncio", "yaml", "argparse", "dataclasses", "logging", "tomllib", "hcl2", "difflib", "inspect"):
        assert name not in imported, name


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_parse(shell, tmp_path):
    run = fsbp("completions", shell, cwd=tmp_path)
    assert run.returncode == 0
    assert b"S3.8" in run.stdout
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([found, "-n"], input=run.stdout, check=True)


def test_bash_completes(tmp_path):
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = fsbp("completions", "bash", cwd=tmp_path).stdout.decode()
    ask = "\n".join(
        f'COMP_WORDS=({words}); COMP_CWORD=2; _fsbp; echo "${{COMPREPLY[@]}}"' for words in ("fsbp check --out", "fsbp explain S3.1")
    )
    run = subprocess.run([bash], input=f"{script}\n{ask}\n", capture_output=True, text=True, check=True)
    first, second = run.stdout.splitlines()
    assert first == "--output-format --output-file"
    assert "S3.1" in second.split()
    assert "S3.13" in second.split()


def test_an_internal_error_is_no_finding(module, monkeypatch, capsys):
    from fsbp_lsp.cli import main
    from fsbp_lsp.report import terminal

    def explode(*_args):
        raise ValueError("boom")

    monkeypatch.chdir(module)
    monkeypatch.setattr(terminal, "full", explode)
    assert main(["check"]) == 2
    assert "internal error, nothing was decided: ValueError: boom" in capsys.readouterr().err
    monkeypatch.setenv("FSBP_TRACEBACK", "1")
    with pytest.raises(ValueError, match="boom"):
        main(["check"])


def test_a_name_cannot_steer_the_terminal(tmp_path):
    folder = tmp_path / "a\x1b[2Jb"
    folder.mkdir()
    (folder / "fsbp.toml").write_text("selct = 1\n", encoding="utf-8")
    (folder / "main.tf").write_text(SOURCE, encoding="utf-8")
    run = fsbp("check", folder.name, cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.decode() == "fsbp: a\\x1b[2Jb/fsbp.toml:1: unknown key `selct`; did you mean `select`?\n"
