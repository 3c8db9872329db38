"""Breaks the guard of one promise after the other, in a copy of the program, and sees that its tests notice.

    python -m tools.mutants [NUMBER...]

Each patch in `tests/promises/mutants` takes one guard away. The tests of that promise have to pass in the copy without
it, and to fail with it; otherwise this fails, and says which. `make mutants` runs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATCHES = ROOT / "tests" / "promises" / "mutants"
COPIED = ("failback", "tui", "wizard_steps", "tests", "pyproject.toml")
SECONDS = 200

# Some tests of a promise are enough to notice its mutant; those that take long are left out here.
TESTS = {
    "01": ["-k", "a_plan_is_not_carried_out"],
    "02": ["-k", "over_generated_plans or a_no_sends_nothing"],
    "03": ["-k", "thinking and (set-enable-uuid or power-cycle)"],
    "04": ["-k", "at_any_moment"],
    "05": ["-k", "remove-snapshots-0 or set-enable-uuid-0"],
    "06": ["-k", "any_changed_byte"],
    "07": ["-k", "never_runs_without"],
    "08": ["-k", "send and failed"],
    "09": [],
    "10": ["-k", "repeated_only and 429"],
}


def main(wanted: Sequence[str]) -> int:
    """Try every mutant, or those whose numbers are given; return 1 when one of them lives."""
    patches = sorted(one for one in PATCHES.glob("*.patch") if not wanted or one.name[:2] in wanted)
    with ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1)) as pool:
        lives = [name for name, is_dead in pool.map(_try, patches) if not is_dead]
    missing = [] if wanted else sorted(set(TESTS) - {one.name[:2] for one in patches})
    for number in missing:
        print(f"promise {number} has no mutant")
    print(f"{len(patches) - len(lives)} of {len(patches)} mutants were noticed by the tests of their promise")
    return 1 if lives or missing else 0


def _try(patch: Path) -> tuple[str, bool]:
    """Apply one patch to a copy and run its promise's tests there; tell whether they noticed."""
    began, number = time.monotonic(), patch.name[:2]
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, copy / name)
        code, told = _tests(copy, number)
        if code != 0:
            print(f"{patch.name}: its tests do not pass without it (pytest ended with {code})\n{told}", flush=True)
            return patch.name, False
        applied = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", str(patch)],  # noqa: S607 -- found on PATH
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
        if applied.returncode != 0:
            print(f"{patch.name}: the patch does not fit the program any more: {applied.stderr.strip()}")
            return patch.name, False
        code, told = _tests(copy, number)
    is_dead = code == 1  # 1: tests failed; anything else: they did not even run
    word = "noticed" if is_dead else f"NOT NOTICED (pytest ended with {code})"
    print(f"{patch.name}: {word} in {time.monotonic() - began:.0f} s", flush=True)
    if not is_dead:
        print(told)
    return patch.name, is_dead


def _tests(copy: Path, number: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:cov"]
    command += [f"tests/promises/test_promise_{number}.py", *TESTS[number]]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, f"the tests did not end within {SECONDS} s"
    return done.returncode, done.stdout[-1500:]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
