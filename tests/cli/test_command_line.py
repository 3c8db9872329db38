from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from failback import __version__, cli
from failback.commands import check
from failback.errors import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_WRONG_INPUT, UnreachableError
from failback.report import FORMATS
from tests.cli.conftest import Run

COMMANDS = [
    [],
    ["demo"],
    ["check"],
    ["plan"],
    ["apply"],
    ["history"],
    ["history", "undo"],
    ["profile"],
    ["profile", "list"],
    ["profile", "show"],
    ["profile", "new"],
    ["profile", "remove"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_version_language_and_read_only(run: Run, command: list[str]) -> None:
    ran = run(*command, "--help")
    assert ran.code == 0
    for option in ("--read-only", "--language", "--version", "--help"):
        assert option in ran.out
    assert run(*command, "--version").out == f"failback {__version__}\n"
    assert max(len(line) for line in ran.out.splitlines()) <= 80


def test_the_formats_that_are_offered_are_those_that_exist() -> None:
    assert list(check.FORMATS) == list(FORMATS)


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["--help"], ["check", "--help"], ["frobnicate"], ["check"], ["profile", "list"]],
    ids=" ".join,
)
def test_answering_quickly_loads_no_screen_library_and_no_sdk(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import sys\nfrom failback import cli\ncli.run(sys.argv[1:])\n"
        "heavy = {'textual', 'pyVmomi', 'azure', 'keyring', 'rich'} & {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    environment = {**os.environ, "FAILBACK_HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, env=environment
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], ["frobnicate", "failback --help"]),
        (["chekc"], ["'chekc' (Did you mean 'check'?); see failback --help."]),
        (["check", "--profil", "x"], ["'--profil' (Did you mean", "?); see failback check --help."]),
        (["profile"], ["Missing command; see failback profile --help."]),
        (["check", "--frobnicate"], ["--frobnicate", "failback check --help"]),
        (["check"], ["no profile is named", "--profile", "--demo"]),
        (["check", "--demo", "--profile", "x"], ["two different sites"]),
        (["check", "--profile", "x", "--estate", "ready"], ["--demo only"]),
        (["check", "--demo", "--estate", "[/]"], ['"[/]"', "faulty, ready"]),
        (["check", "--demo", "--format", "yaml"], ["yaml", "text"]),
        (["check", "--demo", "--output", "/nowhere/at/all"], ["/nowhere/at/all", "cannot be written"]),
        (["check", "--profile", "nowhere"], ["no such file", "failback profile list"]),
        (["--language", "tlh", "check", "--demo"], ['"tlh"', "en"]),
        (["--language", "../../etc", "check"], ["no translation"]),
        (["plan"], ["no profile is named"]),
        (["apply"], ["PLAN"]),
        (["apply", "nowhere.json"], ["no terminal"]),
        (["history", "undo", "1"], ["no terminal"]),
        (["profile", "show", "nowhere"], ["no such file"]),
        (["profile", "new", "site"], ["--vcenter", "no terminal"]),
        (["profile", "remove", "nowhere", "--yes"], ["no such file"]),
        (["profile", "show", "\x1b]0;x"], ["\\x1b]0;x"]),
        (["\x1b]0;x"], ["\\x1b]0;x"]),
    ],
)
def test_wrong_usage_is_one_clear_sentence_exit_2_and_nothing_on_stdout(
    run: Run, arguments: list[str], words: list[str]
) -> None:
    ran = run(*arguments)
    assert ran.code == EXIT_WRONG_INPUT
    assert ran.out == ""
    assert len(ran.told) == 1
    assert ran.told[0].startswith("failback: ")
    assert ran.told[0].endswith(".")
    for word in words:
        assert word in ran.told[0]
    assert "\x1b" not in ran.err


@pytest.mark.parametrize(
    "arguments", [[], ["demo"], ["demo", "--estate", "ready"]], ids=["failback", "demo", "demo ready"]
)
@pytest.mark.parametrize("kind", ["", "dumb", "xterm"])
def test_the_wizard_refuses_where_it_cannot_draw_and_names_the_way_without(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], kind: str
) -> None:
    monkeypatch.setenv("TERM", kind)
    ran = run(*arguments)
    assert ran.code == EXIT_WRONG_INPUT
    assert ran.out == ""
    assert "failback check" in ran.err


def test_an_error_nobody_foresaw_is_a_sentence_and_a_private_file_that_names_no_value(
    run: Run, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    canary = "canary-7f3a"

    def broken(*_arguments: object, password: str = canary, **_options: object) -> int:
        try:
            return {}[password]
        except KeyError as error:
            raise RuntimeError(f"the token is {password}") from error

    monkeypatch.setattr(cli.root, "main", broken)
    ran = run("check")
    assert ran.code == EXIT_INTERNAL
    assert ran.out == ""
    assert len(ran.told) == 1
    (path,) = (home / "crashes").iterdir()
    assert str(path) in ran.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    crash = path.read_text()
    assert "RuntimeError" in crash
    assert "KeyError" in crash
    assert "broken" in crash
    assert canary not in crash + ran.err


def test_a_crash_that_cannot_be_kept_is_still_told(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path / "file"))

    def broken(*_arguments: object, **_options: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(cli.root, "main", broken)
    ran = run("check")
    assert ran.code == EXIT_INTERNAL
    assert "no crash file could be written" in ran.err


def test_interrupting_is_exit_130_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object, **_options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.root, "main", interrupted)
    ran = run("check")
    assert (ran.code, ran.out) == (EXIT_INTERRUPTED, "")
    assert "Traceback" not in ran.err


def test_an_error_of_ours_keeps_its_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_arguments: object, **_options: object) -> int:
        raise UnreachableError("vCenter vc", "nothing answers", "look at the network")

    monkeypatch.setattr(cli.root, "main", down)
    ran = run("check")
    assert ran.code == UnreachableError.exit_code
    assert ran.err == "failback: vCenter vc: nothing answers; look at the network.\n"


def test_a_raw_name_that_slipped_into_an_error_does_no_harm(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def hostile(*_arguments: object, **_options: object) -> int:
        raise UnreachableError("vCenter \x1b]0;x\x07", "a\nb", "look")

    monkeypatch.setattr(cli.root, "main", hostile)
    ran = run("check")
    assert ran.err == "failback: vCenter \\x1b]0;x\\x07: a\\x0ab; look.\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    environment = {**os.environ, "FAILBACK_HOME": str(tmp_path)}
    code = "from failback.cli import main; main(['--help'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait() == 0


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
@pytest.mark.parametrize("words", ["plan --demo --estate ready", "--help", "check --help", "--version"])
def test_an_output_that_takes_nothing_is_one_sentence(tmp_path: Path, words: str, redirection: str) -> None:
    environment = {**os.environ, "FAILBACK_HOME": str(tmp_path), "PYTHON": sys.executable}
    command = f'"$PYTHON" -m failback {words} {redirection}'
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == EXIT_WRONG_INPUT
    assert "failback: standard output: " in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "crashes").exists()


def test_nobody_listening_to_the_narration_is_no_error(tmp_path: Path) -> None:
    environment = {**os.environ, "FAILBACK_HOME": str(tmp_path), "PYTHON": sys.executable}
    command = '"$PYTHON" -m failback plan --demo --estate ready 2>&-'
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == 0
    assert '"changes": []' in ran.stdout
