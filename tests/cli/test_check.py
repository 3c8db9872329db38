from __future__ import annotations

import dataclasses
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from failback import opening, profiles
from failback.engine import Engine
from failback.errors import EXIT_INTERRUPTED, EXIT_UNKNOWN, EXIT_WRONG_INPUT
from failback.rehearsal.site import Site
from tests.cli.conftest import Run
from tests.report.contract import breaches
from wizard_steps.choices import Choices
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen

Edit = Callable[[Engine], None]


@pytest.fixture
def rehearsal(monkeypatch: pytest.MonkeyPatch) -> Callable[[Edit], None]:
    """Return what has something done to the rehearsal's engine before it is used."""

    def prepare(edit: Edit) -> None:
        open_rehearsal = opening.open_rehearsal

        def opened(estate: str, folder: Path, **options: object) -> Engine:
            engine = open_rehearsal(estate, folder, **options)  # type: ignore[arg-type]
            edit(engine)
            return engine

        monkeypatch.setattr(opening, "open_rehearsal", opened)

    return prepare


def choosing(*machines: str) -> Edit:
    def edit(engine: Engine) -> None:
        engine.profile = engine.profile.with_choices(dataclasses.replace(Choices(), machines=machines))

    return edit


def test_the_rehearsal_site_is_not_ready_and_every_format_says_so(run: Run) -> None:
    ran = run("check", "--demo", "--format", "json")
    assert ran.code == 1
    report = json.loads(ran.out)
    assert breaches(report) == []
    assert (report["verdict"], report["rehearsal"], report["profile"]) == ("not-ready", True, "rehearsal")
    text = run("check", "--demo")
    assert text.code == 1
    assert text.out.startswith("REHEARSAL")
    assert "NOT READY" in text.out
    assert run("check", "--demo", "--format", "markdown").out.startswith("# ✗ not ready")


def test_the_same_site_with_nothing_wrong_lists_only_what_a_person_must_vouch_for(run: Run) -> None:
    ran = run("check", "--demo", "--estate", "ready", "--format", "json")
    report = json.loads(ran.out)
    wrong = [
        (one["requirement"], one["subject"]["name"], one["evidence"])
        for one in report["findings"]
        if one["status"] in ("fail", "pending", "unknown", "warn")
    ]
    assert wrong == []
    assert (ran.code, report["verdict"]) == (EXIT_UNKNOWN, "to-attest")


def test_data_goes_to_stdout_and_narration_to_stderr(run: Run) -> None:
    ran = run("check", "--demo", "--format", "json")
    json.loads(ran.out)
    assert "vCenter: machines" in ran.err


def test_the_output_file_is_private_and_replaces_the_old_one(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    ran = run("check", "--demo", "--format", "json", "--output", str(path))
    assert (ran.code, ran.out) == (1, "")
    assert json.loads(path.read_text())["verdict"] == "not-ready"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_looking_leaves_nothing_behind_of_a_rehearsal(run: Run, home: Path) -> None:
    run("check", "--demo")
    assert not (home / "memory.json").exists()
    assert not (home / "journal.jsonl").exists()


def test_a_vcenter_that_is_down_is_exit_3_one_sentence_and_the_other_half_of_the_report(
    run: Run, rehearsal: Callable[[Edit], None]
) -> None:
    from failback.errors import UnreachableError

    def unplug(engine: Engine) -> None:
        def down() -> None:
            raise UnreachableError("vCenter", "nothing answers at vcenter.example.com:443", "look at the network")

        assert isinstance(engine.rehearsal, Site)
        engine.rehearsal.wire.stub = down  # type: ignore[method-assign,assignment]

    rehearsal(unplug)
    ran = run("check", "--demo", "--format", "json")
    assert ran.code == EXIT_UNKNOWN
    assert "nothing answers at vcenter.example.com:443" in ran.told[-1]
    findings = {one["requirement"]: one["status"] for one in json.loads(ran.out)["findings"]}
    assert findings["mt-disk-enableuuid"] == "unknown"
    assert findings["failback-policy-associated"] == "fail"


def test_a_password_that_is_refused_is_exit_2_and_nothing_on_stdout(
    run: Run, rehearsal: Callable[[Edit], None]
) -> None:
    def other_password(engine: Engine) -> None:
        assert isinstance(engine.rehearsal, Site)
        engine.rehearsal.wire.users.clear()

    rehearsal(other_password)
    ran = run("check", "--demo")
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert ran.told[-1].startswith("failback: ")
    assert "Traceback" not in ran.err


def test_a_machine_name_that_is_ambiguous_is_named_with_its_candidates(
    run: Run, rehearsal: Callable[[Edit], None]
) -> None:
    def twins(engine: Engine) -> None:
        look = engine.look

        def looking(*arguments: object, **options: object) -> object:
            case = look(*arguments, **options)  # type: ignore[arg-type]
            items = case.estate.azure.protected_items.value
            twin = dataclasses.replace(items[1], machine_name=items[0].machine_name)
            azure = dataclasses.replace(
                case.estate.azure,
                protected_items=case.estate.azure.protected_items.map(lambda found: (items[0], twin, *found[2:])),
            )
            engine.profile = engine.profile.with_choices(
                dataclasses.replace(engine.profile.choices, machines=(items[0].machine_name.raw,))
            )
            return dataclasses.replace(
                case, estate=dataclasses.replace(case.estate, azure=azure), choices=engine.profile.choices
            )

        engine.look = looking  # type: ignore[method-assign,assignment]

    rehearsal(twins)
    ran = run("check", "--demo")
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert "2 protected items have this name" in ran.told[-1]


@pytest.mark.parametrize("name", ["[/]", "[@click=x]y[/]", "\x1b]0;pwned\x07", "nowhere"])
def test_a_machine_of_any_name_that_the_vault_does_not_protect_is_one_sentence(
    run: Run, rehearsal: Callable[[Edit], None], name: str
) -> None:
    rehearsal(choosing(name))
    ran = run("check", "--demo")
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert Outside(name).shown() in ran.told[-1]
    assert "the vault protects no machine of this name" in ran.told[-1]
    assert "\x1b" not in ran.err


def test_a_profile_with_a_typo_is_told_with_its_line_before_anything_is_connected(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text('schema_version = 1\n[vcenter]\nhots = "vc"\n')
    ran = run("check", "--profile", str(path))
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert f"{path}, line 3" in ran.told[-1]
    assert '"host"' in ran.told[-1]


def test_a_password_nobody_can_be_asked_for_is_exit_2(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        'schema_version = 1\n[vcenter]\nhost = "127.0.0.2"\nusername = "u"\n[azure]\nsubscription_id = "s"\n'
        '[vault]\nresource_group = "rg"\nname = "v"\n'
    )
    ran = run("check", "--profile", str(path))
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert "FAILBACK_VCENTER_PASSWORD" in ran.told[-1]


def test_side_by_side_a_denied_inventory_is_exit_3_whatever_else_fails(
    run: Run, rehearsal: Callable[[Edit], None]
) -> None:
    def deny(engine: Engine) -> None:
        look = engine.look

        def looking(*arguments: object, **options: object) -> object:
            case = look(*arguments, **options)  # type: ignore[arg-type]
            azure = dataclasses.replace(case.estate.azure, configuration_servers=not_seen("the subscription denies it"))
            return dataclasses.replace(case, estate=dataclasses.replace(case.estate, azure=azure))

        engine.look = looking  # type: ignore[method-assign,assignment]

    rehearsal(deny)
    ran = run("check", "--demo")
    assert ran.code == EXIT_UNKNOWN
    assert "the subscription denies it" in ran.told[-1]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_ends_a_look_that_does_not_come_back(tmp_path: Path) -> None:
    code = (
        "import sys, threading\n"
        "from failback import cli\n"
        "from failback.commands import stopping\n"
        "from failback.engine import Engine\n"
        "stopping.GRACE_SECONDS = 0.1\n"
        "def look(self, progress, cancelled, **options):\n"
        "    progress('waiting')\n"
        "    threading.Event().wait()\n"
        "Engine.look = look\n"
        "cli.main(['check', '--demo'])\n"
    )
    environment = {**os.environ, "FAILBACK_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == EXIT_INTERRUPTED
        told = process.stderr.read()
        assert "stopping" in told
        assert "Traceback" not in told
        assert process.stdout.read() == ""


def test_a_profile_of_the_folder_is_named_by_its_name(run: Run) -> None:
    path = profiles.path_of("site")
    path.write_text("schema_version = 2\n")
    assert "newer version" in run("check", "--profile", "site").err
