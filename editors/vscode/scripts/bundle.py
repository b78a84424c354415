"""Puts a copy of the server and of what it needs into `bundled/`, for one platform and every Python it supports.

What is the same for every Python goes to `libs`, what was compiled for one of them to `libs-cp311` and so on. Wheels are
unpacked as they are: nothing is built except the project's own wheel, and nothing of this machine gets in.

    python scripts/bundle.py [--target linux-x64]
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXTENSION = HERE.parent
REPOSITORY = EXTENSION.parent.parent

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "darwin-x64": ("macosx_11_0_x86_64", "macosx_10_15_x86_64", "macosx_10_13_x86_64", "macosx_10_9_x86_64"),
    "darwin-arm64": ("macosx_12_0_arm64", "macosx_11_0_arm64"),
    "win32-x64": ("win_amd64",),
}
"""VS Code's name of a platform and the wheels that run there."""


def pip(*args: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *args], check=True)


def own_wheel(where: Path) -> Path:
    # A copy, so that building leaves nothing behind in the checkout.
    source = where / "source"
    source.mkdir()
    for name in ("fsbp_lsp", "hooks"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source / name)
    pip("wheel", "--no-deps", "--wheel-dir", str(where), str(source))
    (wheel,) = where.glob("fsbp_lsp-*.whl")
    return wheel


def unpack(wheel: Path, libs: Path) -> None:
    """One wheel into one folder. Raises ValueError for a wheel that wants more than to be unpacked."""
    with zipfile.ZipFile(wheel) as archive:
        if any(".data/" in name for name in archive.namelist()):
            raise ValueError(f"{wheel.name} has files that go elsewhere")
        archive.extractall(libs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=PLATFORMS, required=True)
    target = parser.parse_args().target
    bundled = EXTENSION / "bundled"
    shutil.rmtree(bundled, ignore_errors=True)
    bundled.mkdir()
    shutil.copy(HERE / "fsbp_lsp_server.py", bundled)
    with tempfile.TemporaryDirectory() as scratch:
        own = own_wheel(Path(scratch))
        for python in PYTHONS:
            wheels = Path(scratch, python)
            platforms = [argument for platform in PLATFORMS[target] for argument in ("--platform", platform)]
            pip("download", "--only-binary=:all:", "--python-version", python, *platforms, "--dest", str(wheels), str(own))
            tag = "cp" + python.replace(".", "")
            for wheel in sorted(wheels.glob("*.whl")):
                *_, abi, _platform = wheel.stem.split("-")
                # `none` and `abi3` serve every Python; the same wheel comes again with each.
                unpack(wheel, bundled / ("libs" if abi in ("none", "abi3") else f"libs-{tag}"))
        version = own.name.split("-")[1]
    about = {"platform": target, "pythons": list(PYTHONS), "version": version}
    (bundled / "bundle.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    size = sum(file.stat().st_size for file in bundled.rglob("*") if file.is_file())
    print(f"bundled: fsbp-lsp {version} for {target}, Python {', '.join(PYTHONS)}, {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
