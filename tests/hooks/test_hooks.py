"""The hooks under the real programs, on real commits."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hooks.repository import BUCKET, ORDINARY, PUBLIC, ROOT, SEALED, TEMPLATE, local, manifest

BLOCKED = re.compile(r"S3\.2\b")


def test_a_public_bucket_is_blocked_repaired_and_committed(repository):
    """Done when 4."""
    repository.configure(local(fsbp_check={}, fsbp_fix={"stages": ["manual"], "args": ["--unsafe-fixes"]}))
    repository.stage(main__tf=PUBLIC + SEALED.replace("true", "false"))
    blocked = repository.commit()
    assert blocked.returncode == 1
    assert "main.tf:3:12" in blocked.stdout
    assert BLOCKED.search(blocked.stdout)
    assert repository.commits() == 0

    repaired = repository.run("run", "fsbp-fix", "--hook-stage", "manual", "--all-files")
    assert repaired.returncode == 1, "a hook that changed files says so"
    assert 'acl    = "private"' in repository.read("main.tf")
    assert "block_public_acls       = true" in repository.read("main.tf")

    repository.git("add", "--update")
    committed = repository.commit()
    assert committed.returncode == 0, committed.stdout
    assert repository.commits() == 1


def test_a_clean_commit_says_nothing(either):
    either.configure(local(fsbp_check={"args": ["--select", "S3.2,S3.8"]}))
    either.stage(main__tf=BUCKET + SEALED)
    done = either.commit()
    assert done.returncode == 0, done.stdout
    assert "S3." not in done.stdout
    assert "Exit" not in done.stdout


def test_warnings_are_seen_though_the_hook_passes(repository):
    repository.configure(local(fsbp_check={"args": ["--select", "S3.9"]}))
    repository.stage(main__tf=BUCKET)
    done = repository.commit()
    assert done.returncode == 0, done.stdout
    assert re.search(r"main\.tf:1:1.*S3\.9", done.stdout)


def test_only_staged_content_counts(repository):
    repository.configure(local())
    repository.settled(main__tf=BUCKET)
    repository.stage(main__tf=PUBLIC)
    repository.write("main.tf", BUCKET)
    blocked = repository.commit()
    assert blocked.returncode == 1, "bad content is staged, though the work tree is good"
    assert repository.read("main.tf") == BUCKET, "what was not staged is back"

    repository.stage(main__tf=BUCKET + "# staged\n")
    repository.write("main.tf", PUBLIC)
    passed = repository.commit()
    assert passed.returncode == 0, passed.stdout
    assert repository.read("main.tf") == PUBLIC


def test_an_untracked_companion_does_not_rescue(either):
    either.configure(local(fsbp_check={"args": ["--select", "S3.8", "--config", "undeclared='fail'"]}))
    either.stage(main__tf=BUCKET)
    either.write("block.tf", SEALED)
    blocked = either.commit()
    assert blocked.returncode == 1, blocked.stdout
    assert re.search(r"main\.tf:1:1.*S3\.8", blocked.stdout)

    either.git("add", "block.tf")
    assert either.commit().returncode == 0


def test_a_companion_removed_from_another_file(either):
    """The finding is in a file that the commit does not touch."""
    either.configure(local(fsbp_check={"args": ["--select", "S3.8", "--config", "undeclared='fail'"]}))
    either.settled(bucket__tf=BUCKET, block__tf=SEALED)
    either.stage(block__tf="# moved elsewhere\n")
    blocked = either.commit()
    assert blocked.returncode == 1, blocked.stdout
    assert re.search(r"bucket\.tf:1:1.*S3\.8", blocked.stdout)


def test_a_companion_deleted_with_its_file(repository):
    """Programs hand no deleted files to hooks; some other file of the commit starts the hook."""
    repository.configure(local(fsbp_check={"args": ["--select", "S3.8", "--config", "undeclared='fail'"]}))
    repository.settled(storage___bucket__tf=BUCKET, storage___block__tf=SEALED, other___main__tf="")
    repository.git("rm", "-q", "storage/block.tf")
    repository.stage(other___main__tf="# nothing\n")
    blocked = repository.commit()
    assert blocked.returncode == 1, blocked.stdout
    assert re.search(r"storage/bucket\.tf:1:1.*S3\.8", blocked.stdout)


def test_a_commit_of_deletions_alone_needs_always_run(repository):
    repository.configure(local(fsbp_check={"always_run": True, "args": ["--select", "S3.8", "--config", "undeclared='fail'"]}))
    repository.settled(storage___bucket__tf=BUCKET, storage___block__tf=SEALED)
    repository.git("rm", "-q", "storage/block.tf")
    blocked = repository.commit()
    assert blocked.returncode == 1, blocked.stdout
    assert re.search(r"storage/bucket\.tf:1:1.*S3\.8", blocked.stdout)


def test_a_merge_is_a_commit(repository):
    """git asks another hook about merges without conflicts: what each side may have, both together may not."""
    repository.configure(local(fsbp_check={"args": ["--select", "S3.8", "--config", "undeclared='fail'"]}))
    repository.run("install", "--hook-type", "pre-merge-commit")
    repository.settled(storage___block__tf=SEALED)
    repository.git("checkout", "-q", "-b", "side")
    repository.settled(storage___bucket__tf=BUCKET)
    repository.git("checkout", "-q", "main")
    repository.git("rm", "-q", "storage/block.tf")
    repository.git("commit", "-q", "--no-verify", "-m", "nobody needs it here")
    blocked = repository.merge("side")
    assert blocked.returncode == 1, blocked.stdout
    assert re.search(r"storage/bucket\.tf:1:1.*S3\.8", blocked.stdout)


def test_files_in_several_modules(either):
    """All of a touched module is judged, untouched modules are not."""
    either.configure(local())
    either.settled(one___main__tf=PUBLIC, two___main__tf=PUBLIC, three___main__tf=PUBLIC, three___more__tf="")
    either.stage(two___main__tf=PUBLIC + "# touched\n", three___more__tf="# touched\n")
    blocked = either.commit()
    assert blocked.returncode == 1
    assert "two/main.tf:3:12" in blocked.stdout
    assert "three/main.tf:3:12" in blocked.stdout
    assert "one/main.tf" not in blocked.stdout


def test_all_files(either):
    either.configure(local())
    either.settled(one___main__tf=PUBLIC, two___template__yaml=TEMPLATE, three___main__tf=BUCKET + SEALED)
    done = either.run("run", "fsbp-check", "--all-files")
    assert done.returncode == 1
    assert "one/main.tf:3:12" in done.stdout
    assert "two/template.yaml:5:22" in done.stdout


def test_a_template_beside_ordinary_yaml_and_json(either):
    either.configure(local(fsbp_check={"args": ["--select", "S3.2"]}))
    either.stage(
        template__yaml=TEMPLATE, ci__yml=ORDINARY, package__json='{"name": "x"}', odd__yaml="Resources:\n  - 1\n", broken__yaml="a: [\n"
    )
    blocked = either.commit()
    assert blocked.returncode == 1
    assert "template.yaml:5:22" in blocked.stdout
    for name in ("ci.yml", "package.json", "odd.yaml", "broken.yaml"):
        assert name not in blocked.stdout


def test_tofu_and_template_endings_have_no_tag_but_are_read(either):
    either.configure(local(fsbp_check={"args": ["--select", "S3.2"]}))
    either.stage(a__tofu=PUBLIC, b__template=TEMPLATE, c__cfn=TEMPLATE)
    done = either.commit()
    assert done.returncode == 1
    assert all(f"{name}:" in done.stdout for name in ("a.tofu", "b.template", "c.cfn"))


def test_more_files_than_one_command_line_holds(repository):
    """The programs then start the hook several times; findings of all starts are shown, and one blocks."""
    repository.configure(local(fsbp_check={"args": ["--select", "S3.2"]}))
    folder = "a-directory-with-a-name-that-takes-its-share-of-the-command-line/" + "x" * 180
    for number in range(1200):
        repository.write(f"{folder}/module{number % 40:02}/{number:04}-{'y' * 120}.yml", ORDINARY)
    repository.write(f"{folder}/module00/main.tf", PUBLIC)
    repository.write(f"{folder}/zzz/main.tf", PUBLIC)
    repository.git("add", ".")
    done = repository.run("run", "fsbp-check", "--all-files")
    assert done.returncode == 1, done.stdout[-2000:]
    assert f"{folder}/module00/main.tf:3:12" in done.stdout
    assert f"{folder}/zzz/main.tf:3:12" in done.stdout


def test_downloaded_modules_are_left_alone(either):
    either.configure(local())
    either.write(".terraform/modules/x/main.tf", PUBLIC)
    either.git("add", "--force", ".terraform")
    done = either.run("run", "fsbp-check", "--all-files")
    assert done.returncode == 0, done.stdout


def test_names_with_blanks_and_letters_of_any_script(either):
    either.configure(local())
    either.write("größe und mehr/日本.tf", PUBLIC)
    either.git("add", ".")
    done = either.commit()
    assert done.returncode == 1
    assert "größe und mehr/日本.tf:3:12" in done.stdout


def test_a_bad_configuration_is_told_in_one_line(either):
    either.configure(local())
    either.stage(fsbp__toml='selct = ["S3.2"]\n')
    done = either.commit()
    assert done.returncode != 0
    assert "fsbp.toml:1" in done.stdout
    assert "did you mean" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_fix_hook_fixes_only_files_it_was_given(either):
    either.configure(local(fsbp_fix={"args": ["--unsafe-fixes", "--select", "S3.2"]}))
    either.settled(main__tf=PUBLIC, other__tf=PUBLIC.replace('"b"', '"c"'))
    either.stage(main__tf=PUBLIC + "# touched\n")
    done = either.commit()
    assert done.returncode == 1
    assert "private" in either.read("main.tf")
    assert "public-read" in either.read("other.tf")


def test_install_from_the_repository(repository, tmp_path):
    """As users have it: cloned, built and installed by the program, entry points and all."""
    source = tmp_path / "source"
    _snapshot(source, repository.environment)
    repository.environment.pop("PYTHONPATH")
    if _offline():
        pytest.skip("no package index can be reached to install the hook's requirements from")
    repository.configure(
        {"repos": [{"repo": str(source), "rev": "v0", "hooks": [{"id": hook["id"], "args": ["--select", "S3.2"]} for hook in manifest()]}]}
    )
    repository.stage(main__tf=PUBLIC, ci__yml=ORDINARY)
    done = repository.commit()
    assert done.returncode == 1, done.stdout
    assert "main.tf:3:12" in done.stdout
    assert "Traceback" not in done.stdout
    repository.stage(main__tf=BUCKET)
    passed = repository.commit()
    assert passed.returncode == 0, passed.stdout


def _snapshot(source: Path, environment: dict[str, str]) -> None:
    """A repository with the files of this checkout as they are now, tagged v0."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    wanted = [name for name in os.fsdecode(listed.stdout).split("\0") if name.startswith(("fsbp_lsp/", "hooks/")) or "/" not in name]
    for name in filter(None, wanted):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "snapshot"], ["tag", "v0"]):
        subprocess.run(["git", *command], cwd=source, env=environment, check=True)


def _offline() -> bool:
    """Whether pip cannot find what building needs, by its own configuration."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--dry-run", "--ignore-installed", "setuptools>=77"]
    return subprocess.run(command, capture_output=True, check=False).returncode != 0
